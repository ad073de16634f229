//! What a run is made from, and what is in it.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::Simulation;
use super::client::Client;
use super::faults::Faults;
use super::function::{Function, Host};
use super::sabotage::Sabotage;
use super::store::Table;
use super::trigger::{self, Filter, Reading, Subscription};
use crate::item::Item;
use crate::ports::{Broker, Outside};

/// What a run is made from. The same setup gives the same run.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// What may go wrong; the seed decides how often it does.
    pub faults: Faults,
    /// What is broken on purpose.
    pub sabotage: Option<Sabotage>,
    /// Whether the history's lines are kept, for people to read.
    pub keep_history: bool,
}

impl Setup {
    /// All kinds of faults.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Setup { seed, faults: Faults::all(), sabotage: None, keep_history: false }
    }
}

impl Simulation {
    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.core().tables().add(table);
    }

    /// Puts an item into a table, which has been added before.
    pub fn item(&mut self, table: &str, item: Item) {
        self.core().tables().place(table, item);
    }

    /// Adds a topic.
    pub fn topic(&mut self, name: &str, partitions: usize) {
        self.core().topics().add(name, partitions);
    }

    /// The broker, for functions that publish.
    #[must_use]
    pub fn broker(&self) -> Arc<dyn Broker> {
        self.broker.clone()
    }

    /// The outside system, for webhooks.
    #[must_use]
    pub fn outside(&self) -> Arc<dyn Outside> {
        self.outside.clone()
    }

    /// Adds a function; `make` starts a process of it. An invocation has `timeout`.
    pub fn function<F: Into<Function>>(&mut self, name: &str, timeout: Duration, make: impl Fn() -> F + 'static) {
        let host = Host::new(self.core(), name, timeout, Box::new(move || make().into()));
        self.hosts.insert(name.to_owned(), Rc::new(host));
    }

    /// A topic invokes this function, which has been added before.
    pub fn on_topic(&mut self, function: &str, subscription: Subscription) {
        if let Some(host) = self.hosts.get(function) {
            self.subscriptions.push((Rc::new(subscription), host.clone()));
        }
    }

    /// A table's stream invokes this function, which has been added before, with the items that pass.
    pub fn on_stream(&mut self, function: &str, table: &'static str, filter: Option<Filter<Item>>) {
        if let Some(host) = self.hosts.get(function) {
            trigger::read_shards(&self.scene, &Reading { table, filter }, host);
        }
    }

    /// Every minute invokes this function, which has been added before.
    pub fn every_minute(&mut self, function: &str) {
        if let Some(host) = self.hosts.get(function) {
            self.scene.spawner.spawn(trigger::sweep_every_minute(self.scene.clone(), host.clone()));
        }
    }

    /// Somebody outside.
    #[must_use]
    pub fn client(&self) -> Client {
        Client { core: self.core().clone(), hosts: Rc::new(self.hosts.clone()), busy: self.scene.busy.clone() }
    }

    /// Does something beside everything else.
    pub fn spawn(&mut self, work: impl Future<Output = ()> + 'static) {
        self.scene.spawner.spawn(work);
    }
}

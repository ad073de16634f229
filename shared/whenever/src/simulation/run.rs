//! One run: what is in it, and how it goes.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use super::broker::{self, SimulatedBroker};
use super::client::Client;
use super::core::Core;
use super::disturb;
use super::executor::{Executor, Spawner};
use super::faults::Faults;
use super::function::{Function, Host};
use super::history::History;
use super::order;
use super::outside::SimulatedOutside;
use super::random::Random;
use super::sabotage::Sabotage;
use super::store::Table;
use super::trigger::{self, Busy, Filter, Reading, Scene, Subscription};
use crate::item::{DUE_SHARD, Item};
use crate::ports::{Broker, Outside};
use crate::{Envelope, Record};

/// How long everything may take to settle once nothing goes wrong any more. Pauses between attempts grow to half a minute.
const SETTLES_WITHIN: Duration = Duration::from_secs(2 * 3600);

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

/// A simulated deployment.
pub struct Simulation {
    scene: Scene,
    executor: Executor,
    broker: Arc<SimulatedBroker>,
    outside: Arc<SimulatedOutside>,
    hosts: BTreeMap<String, Rc<Host>>,
    subscriptions: Vec<(Rc<Subscription>, Rc<Host>)>,
}

/// After all faults were over, something was still under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSettled;

impl Setup {
    /// All kinds of faults.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Setup { seed, faults: Faults::all(), sabotage: None, keep_history: false }
    }
}

impl Simulation {
    /// A deployment with nothing in it.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let mut random = Random::new(setup.seed);
        let faults = setup.faults.drawn(&mut random);
        let core = Core::new(random, faults, setup.sabotage, setup.keep_history);
        let spawner = Spawner::default();
        Simulation {
            executor: Executor::new(core.clone(), spawner.clone()),
            broker: Arc::new(SimulatedBroker::new(core.clone())),
            outside: Arc::new(SimulatedOutside::new(core.clone())),
            hosts: BTreeMap::new(),
            subscriptions: Vec::new(),
            scene: Scene { core, spawner, busy: Rc::new(Busy::default()) },
        }
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.core().tables().add(table);
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

    /// What may go wrong in this run.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.core().faults
    }

    /// Runs with faults for this long, then until everything has settled, then once more with records of long ago.
    ///
    /// # Errors
    ///
    /// [`NotSettled`] where something is still under way after two hours without faults.
    pub fn run(&mut self, faults: Duration) -> Result<(), NotSettled> {
        for (subscription, host) in &self.subscriptions {
            for partition in 0..self.core().topics().partitions(&subscription.topic) {
                let lane = trigger::listen(self.scene.clone(), subscription.clone(), host.clone(), partition);
                self.scene.spawner.spawn(lane);
            }
        }
        disturb::start(&self.scene, &self.broker, &self.hosts, &self.subscriptions);
        let end = self.core().now() + micros(faults);
        while self.core().now() < end && self.executor.step() {}
        self.core().say(format_args!("from here on nothing goes wrong"));
        self.core().calm_down();
        self.settle()?;
        disturb::long_after(&self.scene, &self.subscriptions);
        self.settle()?;
        for violation in order::violations(self.core()) {
            self.history().violate(violation);
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), NotSettled> {
        let end = self.core().now() + micros(SETTLES_WITHIN);
        let mut next = self.core().now();
        while self.core().now() < end {
            if !self.executor.step() {
                return if self.is_settled() { Ok(()) } else { Err(NotSettled) };
            }
            if self.core().now() >= next && self.executor.is_waiting() {
                if self.is_settled() {
                    return Ok(());
                }
                next = self.core().now() + micros(Duration::from_secs(1));
            }
        }
        Err(NotSettled)
    }

    /// Nothing is under way, nothing is still to come, and no aggregate waits for its deadline.
    fn is_settled(&self) -> bool {
        let waits = |item: &Arc<Item>| item.contains_key(DUE_SHARD);
        self.scene.busy.is_idle()
            && self.core().outstanding.load(Relaxed) == 0
            && !self.core().tables().items().any(|(_, item)| waits(item))
    }

    /// All items of all tables.
    pub fn items(&self) -> impl Iterator<Item = (&'static str, Arc<Item>)> {
        let items: Vec<_> = self.core().tables().items().map(|(table, item)| (table, item.clone())).collect();
        items.into_iter()
    }

    /// The records of a topic, partition after partition.
    #[must_use]
    pub fn records(&self, topic: &str) -> Vec<Record> {
        self.core().topics().all(topic).iter().map(|stored| stored.record.clone()).collect()
    }

    /// The events of a topic, duplicates too.
    #[must_use]
    pub fn events(&self, topic: &str) -> Vec<Envelope> {
        self.core().topics().all(topic).iter().filter_map(|stored| broker::event(stored)).collect()
    }

    /// The messages that the outside system has taken, by their idempotency key, and how often it has.
    #[must_use]
    pub fn told(&self) -> BTreeMap<String, usize> {
        self.outside.taken().clone()
    }

    /// What has happened.
    pub fn history(&self) -> MutexGuard<'_, History> {
        self.core().history()
    }

    fn core(&self) -> &Arc<Core> {
        &self.scene.core
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation").field("functions", &self.hosts.keys()).finish_non_exhaustive()
    }
}

impl fmt::Display for NotSettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something was still under way long after the last fault")
    }
}

impl std::error::Error for NotSettled {}

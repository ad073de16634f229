//! What is there after a run.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};

use super::Simulation;
use super::history::History;
use crate::item::Item;
use crate::{Envelope, Record};

impl Simulation {
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
        self.core()
            .topics()
            .all(topic)
            .iter()
            .filter_map(|stored| Envelope::decode(stored.record.value.as_deref()?).ok())
            .collect()
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
}

//! The simulated table store: conditions, transactions, streams, and indexes that lag behind.

mod index;
mod port;
mod stream;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub use index::Index;
pub use table::Table;

pub(super) use port::SimulatedStore;
pub(super) use stream::{Shards, Written};

use super::core::Core;
use super::faults::Fault;
use super::sabotage::Sabotage;
use crate::item::{CAUSE, Item, OUTBOX, PK, SK, VERSION};
use crate::ports::store::{Condition, ItemKey, Put, StoreError, WriteError};
use table::Contents;

/// How far behind the table an index may be.
const INDEX_LAG: Duration = Duration::from_secs(3);

/// How far apart stream records of one instant may become visible.
const STREAM_LAG: Duration = Duration::from_secs(2);

/// All tables.
#[derive(Default)]
pub(super) struct Tables {
    tables: BTreeMap<&'static str, Contents>,
}

impl Tables {
    pub(super) fn add(&mut self, table: Table) {
        self.tables.insert(table.name, Contents::new(table));
    }

    /// Puts an item into a table that nobody reads yet.
    pub(super) fn place(&mut self, table: &str, item: Item) {
        if let Some(contents) = self.tables.get_mut(table) {
            contents.put(Arc::new(item), 0, Duration::ZERO, Duration::ZERO);
        }
    }

    pub(super) fn get(&self, table: &str) -> Result<&Contents, StoreError> {
        self.tables.get(table).ok_or_else(|| missing(table))
    }

    pub(super) fn get_mut(&mut self, table: &str) -> Result<&mut Contents, StoreError> {
        self.tables.get_mut(table).ok_or_else(|| missing(table))
    }

    /// All items of all tables.
    pub(super) fn items(&self) -> impl Iterator<Item = (&'static str, &Arc<Item>)> {
        self.tables.iter().flat_map(|(name, contents)| contents.items().map(|item| (*name, item)))
    }

    /// Whether an item waits for its deadline.
    pub(super) fn hold_deadlines(&self) -> bool {
        self.tables.values().any(|contents| contents.waiting > 0)
    }

    /// Whether an item's transaction is under way.
    fn locked(&self, put: &Put) -> bool {
        self.tables.get(put.table).is_some_and(|contents| contents.is_locked(text(&put.item, PK)))
    }

    fn lock(&mut self, keys: &[ItemKey], locked: bool) {
        for key in keys {
            if let Some(contents) = self.tables.get_mut(key.table) {
                contents.lock(&key.pk, locked);
            }
        }
    }

    /// Writes all or nothing.
    fn write(&mut self, core: &Core, puts: Vec<Put>) -> Result<(), WriteError> {
        let mut found = Vec::with_capacity(puts.len());
        for put in &puts {
            let contents = self.get(put.table).map_err(WriteError::Failed)?;
            let item = contents.get(text(&put.item, PK), text(&put.item, SK));
            let version = item.and_then(|item| item.get(VERSION)?.as_u64());
            let holds = match put.when {
                Condition::Absent => item.is_none(),
                Condition::Version(expected) => version == Some(expected),
                Condition::Any => true,
            };
            let ignored = matches!(core.sabotage, Some(Sabotage::Conditions)) && core.random().chance(0.1);
            found.push((!holds && !ignored).then(|| item.map(|item| Item::clone(item))));
        }
        if found.iter().any(Option::is_some) {
            return Err(WriteError::Condition(found));
        }
        for put in puts {
            if matches!(core.sabotage, Some(Sabotage::Drops(these)) if these(&put)) {
                continue;
            }
            self.write_one(core, put)?;
        }
        Ok(())
    }

    fn write_one(&mut self, core: &Core, put: Put) -> Result<(), WriteError> {
        let lag = |fault: Fault, most: Duration| {
            let lags = core.strikes(fault);
            if lags { core.random().span(Duration::ZERO, most) } else { Duration::ZERO }
        };
        let (of_index, of_stream) = (lag(Fault::StaleIndexes, INDEX_LAG), lag(Fault::SplitStreams, STREAM_LAG));
        let contents = self.get_mut(put.table).map_err(WriteError::Failed)?;
        core.say(format_args!(
            "{} {} is written, version {}, for {}{}",
            put.table,
            put.item.get(PK).map_or("", |pk| pk.as_str().unwrap_or_default()),
            put.item.get(VERSION).and_then(serde_json::Value::as_u64).unwrap_or(0),
            put.item.get(CAUSE).map_or("", |cause| cause.as_str().unwrap_or_default()),
            if put.item.contains_key(OUTBOX) { ", with events" } else { "" },
        ));
        contents.put(Arc::new(put.item), core.now(), of_index, of_stream);
        Ok(())
    }
}

/// A write whose caller has given up, if its conditions still hold.
pub(super) fn write_late(core: &Core, puts: Vec<Put>) {
    core.say(format_args!("a write that was given up arrives"));
    let late = core.tables().write(core, puts);
    if late.is_err() {
        core.say(format_args!("its condition does not hold any more"));
    }
}

fn text<'i>(item: &'i Item, name: &str) -> &'i str {
    item.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
}

fn missing(table: &str) -> StoreError {
    StoreError::Unavailable(format!("there is no table {table}"))
}

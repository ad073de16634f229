//! The table store as a process reaches it: calls take time, fail, and lose their answers.

use std::sync::Arc;
use std::time::Duration;

use super::text;
use crate::item::{Item, PK};
use crate::ports::Pending;
use crate::ports::store::{Condition, ItemKey, Page, Put, Query, Store, StoreError, Usage, WriteError};
use crate::simulation::core::Core;
use crate::simulation::faults::Fault;
use crate::simulation::timers::Due;

/// One way of a call.
const QUICK: (Duration, Duration) = (Duration::from_micros(300), Duration::from_millis(4));
const SLOW: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(1_500));

/// How much later a call that was given up may take effect.
const LATE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(20));

/// The table store, as one process sees it.
pub(in crate::simulation) struct SimulatedStore(pub(in crate::simulation) Arc<Core>);

/// The items of a transaction under way; let go when it is over, or its caller is.
struct Locked<'a> {
    core: &'a Core,
    keys: Vec<ItemKey>,
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.core.tables().lock(&self.keys, false);
    }
}

impl SimulatedStore {
    /// Half of a call's time.
    async fn way(&self) {
        let (from, to) = if self.0.strikes(Fault::Slowness) { SLOW } else { QUICK };
        self.0.pause(from, to).await;
    }

    fn refuse(&self) -> Result<(), StoreError> {
        if self.0.strikes(Fault::Throttling) {
            self.0.say(format_args!("a call is throttled"));
            return Err(StoreError::Unavailable("throttled".to_owned()));
        }
        Ok(())
    }

    async fn write(&self, puts: Vec<Put>) -> Result<(), WriteError> {
        let core = &self.0;
        self.way().await;
        self.refuse().map_err(WriteError::Failed)?;
        if core.strikes(Fault::LateEffects) {
            let (from, to) = LATE;
            let late = core.random().span(from, to);
            core.later(late, Due::Write(puts));
            return Err(WriteError::Failed(StoreError::Unavailable("no answer in time".to_owned())));
        }
        if core.strikes(Fault::Conflicts) || puts.iter().any(|put| core.tables().locked(put)) {
            return Err(WriteError::Conflict);
        }
        if puts.len() > 1 {
            let keys = puts.iter().map(|put| ItemKey { table: put.table, pk: text(&put.item, PK) }).collect();
            let locked = Locked { core, keys };
            core.tables().lock(&locked.keys, true);
            self.way().await;
            drop(locked);
        }
        let written = core.tables().write(core, puts);
        self.way().await;
        if core.strikes(Fault::LostAnswers) {
            core.say(format_args!("the answer to a write is lost"));
            return Err(WriteError::Failed(StoreError::Unavailable("the connection broke".to_owned())));
        }
        written
    }
}

impl Store for SimulatedStore {
    fn load<'a>(&'a self, keys: &'a [ItemKey]) -> Pending<'a, Result<Vec<Option<Item>>, StoreError>> {
        Box::pin(async move {
            self.way().await;
            self.refuse()?;
            let mut found = Vec::with_capacity(keys.len());
            let torn = keys.len() > 1 && self.0.strikes(Fault::TornReads);
            for key in keys {
                if torn && !found.is_empty() {
                    self.way().await;
                }
                found.push(self.0.tables().get(key.table)?.get(&key.pk, "").map(|item| Item::clone(item)));
            }
            self.way().await;
            Ok(found)
        })
    }

    fn put(&self, put: Put) -> Pending<'_, Result<(), WriteError>> {
        Box::pin(self.write(vec![put]))
    }

    fn transact(&self, puts: Vec<Put>) -> Pending<'_, Result<(), WriteError>> {
        Box::pin(self.write(puts))
    }

    fn put_all(&self, table: &'static str, items: Vec<Item>) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.way().await;
            self.refuse()?;
            for item in items {
                // Each for itself: the call may break off after any of them.
                self.refuse()?;
                let put = Put { table, item, when: Condition::Any };
                let written = self.0.tables().write_one(&self.0, put);
                if let Err(WriteError::Failed(e)) = written {
                    return Err(e);
                }
            }
            self.way().await;
            Ok(())
        })
    }

    fn query(&self, query: Query) -> Pending<'_, Result<Page, StoreError>> {
        Box::pin(async move {
            self.way().await;
            self.refuse()?;
            let page = self.0.tables().get_mut(query.table)?.query(&query, self.0.now());
            self.way().await;
            page
        })
    }

    fn usage(&self) -> Usage {
        Usage::default()
    }
}

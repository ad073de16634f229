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
use crate::{Action, Needs, Place};

/// One way of a call.
const QUICK: (Duration, Duration) = (Duration::from_micros(300), Duration::from_millis(4));
const SLOW: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(1_500));

/// How much later a call that was given up may take effect.
const LATE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(20));

/// The table store, as one process sees it: it may do what its function needs, and nothing else.
pub(in crate::simulation) struct SimulatedStore {
    pub(in crate::simulation) core: Arc<Core>,
    pub(in crate::simulation) needs: Needs,
}

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
        let (from, to) = if self.core.strikes(Fault::Slowness) { SLOW } else { QUICK };
        self.core.pause(from, to).await;
    }

    /// That a function does what it does not say it needs breaks a promise.
    fn allow(&self, action: Action, table: &'static str, index: Option<&'static str>) -> Result<(), StoreError> {
        let allowed = self.needs.allow(action, Place { table, index });
        if let Err(refused) = &allowed {
            self.core.history().violate(refused.to_string());
        }
        allowed
    }

    fn refuse(&self) -> Result<(), StoreError> {
        if self.core.strikes(Fault::Throttling) {
            self.core.say(format_args!("a call is throttled"));
            return Err(StoreError::Unavailable("throttled".to_owned()));
        }
        Ok(())
    }

    async fn write(&self, puts: Vec<Put>) -> Result<(), WriteError> {
        let core = &self.core;
        for put in &puts {
            self.allow(Action::PutItem, put.table, None).map_err(WriteError::Failed)?;
        }
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
            let keys =
                puts.iter().map(|put| ItemKey { table: put.table, pk: text(&put.item, PK).to_owned() }).collect();
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
            let several = keys.iter().any(|key| Some(key) != keys.first());
            for key in keys {
                self.allow(if several { Action::BatchGetItem } else { Action::GetItem }, key.table, None)?;
            }
            self.way().await;
            self.refuse()?;
            let mut found = Vec::with_capacity(keys.len());
            let torn = keys.len() > 1 && self.core.strikes(Fault::TornReads);
            for key in keys {
                if torn && !found.is_empty() {
                    self.way().await;
                }
                found.push(self.core.tables().get(key.table)?.get(&key.pk, "").map(|item| Item::clone(item)));
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
            self.allow(Action::BatchWriteItem, table, None)?;
            self.way().await;
            self.refuse()?;
            for item in items {
                // Each for itself: the call may break off after any of them.
                self.refuse()?;
                let put = Put { table, item, when: Condition::Any };
                let written = self.core.tables().write_one(&self.core, put);
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
            let action = if query.partition.is_some() { Action::Query } else { Action::Scan };
            self.allow(action, query.table, query.index)?;
            self.way().await;
            self.refuse()?;
            let page = self.core.tables().get_mut(query.table)?.query(&query, self.core.now());
            self.way().await;
            page
        })
    }

    fn usage(&self) -> Usage {
        Usage::default()
    }
}

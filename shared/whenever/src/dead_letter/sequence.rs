//! Sequenced policies: which keys have letters, so that later records of those keys wait behind them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{TABLE, cut};
use crate::commit::{CommitError, Committer};
use crate::id::digest_bytes;
use crate::item::{Item, PK, SK, VERSION};
use crate::ports::store::{Condition, Put, Query, StoreError};

/// What stands for one key that has letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    /// The sort key of the oldest letter, the one that the others wait behind.
    pub(super) head: String,
    /// Counts the changes of this item; a letter's place is the count when it was parked.
    pub(super) version: u64,
}

/// The keys of one policy that have letters, as far as this invocation knows.
#[derive(Debug, Default)]
pub(super) struct Sequence(Mutex<HashMap<String, Held>>);

impl Sequence {
    /// Reads all keys of the policy that have letters: one read of a partition that is empty as a rule.
    pub(super) async fn load(policy: &str, committer: &Committer) -> Result<Self, CommitError> {
        let mut query = Query { table: TABLE, partition: Some((PK, pk(policy))), consistent: true, ..Query::default() };
        let mut held = HashMap::new();
        let mut attempt = 0;
        loop {
            match committer.platform.store.query(query.clone()).await {
                Ok(page) => {
                    held.extend(page.items.iter().filter_map(|item| Some((text(item, SK)?, Held::read(item)?))));
                    match page.next {
                        Some(next) => query.start = Some(next),
                        None => return Ok(Sequence(Mutex::new(held))),
                    }
                }
                Err(e @ StoreError::Unavailable(_)) => {
                    attempt += 1;
                    if !committer.wait(attempt).await {
                        return Err(e.into());
                    }
                }
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// What is known to stand for a key.
    pub(super) fn held(&self, key: &[u8]) -> Option<Held> {
        self.locked().get(&digest_bytes(key)).cloned()
    }

    /// From now on this is known of a key.
    pub(super) fn learn(&self, key: &[u8], held: Option<Held>) {
        let mut known = self.locked();
        match held {
            Some(held) => known.insert(digest_bytes(key), held),
            None => known.remove(&digest_bytes(key)),
        };
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// A key's item; `None` where somebody else wrote it.
    pub(super) fn read(item: &Item) -> Option<Self> {
        Some(Held { head: text(item, "head")?, version: item.get(VERSION)?.as_u64()? })
    }

    /// One more letter has been parked; the head stays.
    pub(super) fn and_one(&self) -> Self {
        Held { head: self.head.clone(), version: self.version + 1 }
    }

    /// `TOPIC/PARTITION/OFFSET` of the head.
    pub(super) fn place(&self) -> String {
        let mut parts: Vec<&str> = self.head.split('/').collect();
        parts.pop();
        let offset = parts.pop().map(|offset| offset.trim_start_matches('0')).unwrap_or_default();
        format!("{}/{}", parts.join("/"), if offset.is_empty() { "0" } else { offset })
    }

    /// The write that makes this of what was known before.
    pub(super) fn put(&self, policy: &str, key: &[u8], before: Option<&Held>) -> Put {
        let mut item = Item::new();
        item.insert(PK.to_owned(), pk(policy).into());
        item.insert(SK.to_owned(), digest_bytes(key).into());
        item.insert(VERSION.to_owned(), self.version.into());
        item.insert("head".to_owned(), self.head.as_str().into());
        Put { table: TABLE, item, when: before.map_or(Condition::Absent, |held| Condition::Version(held.version)) }
    }
}

/// The partition of a policy's keys that have letters.
pub(super) fn pk(policy: &str) -> String {
    format!("{}/keys", cut(policy))
}

fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name).and_then(Value::as_str).map(str::to_owned)
}

//! Items: an aggregate's attributes with what the framework adds to them.

use serde_json::{Map, Value};

use crate::Timestamp;
use crate::command::AggregateKey;
use crate::id::digest_bytes;
use crate::outbox::OutboxEntry;
use crate::world::Slot;

/// An item of a table: attribute name to value. Binary values do not occur.
pub type Item = Map<String, Value>;

/// Partition key of every table.
pub const PK: &str = "pk";
/// Sort key, where a table has one.
pub const SK: &str = "sk";
/// Counts an aggregate's writes; the condition of the next one.
pub const VERSION: &str = "version";
/// The events of the last write, as JSON text.
pub const OUTBOX: &str = "outbox";
/// The time of the aggregate's last event, in ms.
pub const EVENT_AT: &str = "eventAt";
/// Partition key of the sparse index of aggregates that wait; `dueAt` is its sort key.
pub const DUE_SHARD: &str = "dueShard";
/// Until when an aggregate waits, RFC 3339.
pub const DUE_AT: &str = "dueAt";
/// Partition key of the sparse index of a list that many are added to at a time: a shard's number and the list's name.
pub const LIST_SHARD: &str = "listShard";
/// The id of what caused the last write: whoever lost the answer to a write finds out that it happened.
pub const CAUSE: &str = "cause";
/// When the table may delete the item, in seconds since 1970 (the unit of DynamoDB's TTL).
pub const EXPIRES_AT: &str = "expiresAt";

/// Attribute names that an aggregate must not use for itself.
pub const RESERVED: [&str; 9] = [PK, SK, VERSION, OUTBOX, EVENT_AT, DUE_SHARD, LIST_SHARD, CAUSE, EXPIRES_AT];

/// Over how many partition keys the index of deadlines is spread: one takes 1,000 writes a second (AWS limit).
pub const DUE_SHARDS: u8 = 4;

/// Over how many partition keys a list is spread, for the same reason: an index that is throttled throttles its table.
pub const LIST_SHARDS: u8 = 8;

/// The item could not be read as its aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrupt(pub String);

impl Slot {
    /// Reads what the table holds for `key`.
    pub(crate) fn fill(&mut self, key: &AggregateKey, item: Option<Item>) -> Result<(), Corrupt> {
        let Some(item) = item else {
            (self.version, self.last_event_at, self.state) = (None, None, None);
            self.written_for = None;
            return Ok(());
        };
        let corrupt = |what: &dyn std::fmt::Display| Corrupt(format!("item {} is damaged: {what}", key.pk()));
        // Read to the end before anything is believed: what cannot be read must not look like an item that is not there.
        let version = item.get(VERSION).and_then(Value::as_u64).ok_or_else(|| corrupt(&"it has no version"))?;
        let last_event_at = item.get(EVENT_AT).and_then(Value::as_i64).map(Timestamp::from_millis);
        let written_for = item.get(CAUSE).and_then(Value::as_str).map(str::to_owned);
        let state = (self.codec.decode)(public(item)).map_err(|e| corrupt(&e))?;
        (self.version, self.last_event_at, self.state) = (Some(version), last_event_at, Some(state));
        self.written_for = written_for;
        Ok(())
    }

    /// The item that the next write puts.
    pub(crate) fn item(&self, key: &AggregateKey) -> Result<Item, Corrupt> {
        let encoded = self
            .state
            .as_ref()
            .and_then(self.codec.encode)
            .ok_or_else(|| Corrupt(format!("aggregate {} is no JSON object", key.pk())))?;
        let mut item = encoded.attributes;
        item.insert(PK.to_owned(), key.pk().into());
        item.insert(VERSION.to_owned(), (self.version.unwrap_or(0) + 1).into());
        if let Some(cause) = &self.written_for {
            item.insert(CAUSE.to_owned(), cause.as_str().into());
        }
        if let Some(at) = self.last_event_at {
            item.insert(EVENT_AT.to_owned(), at.millis().into());
        }
        if let Some(due_at) = encoded.due_at {
            item.insert(DUE_AT.to_owned(), due_at.to_string().into());
            item.insert(DUE_SHARD.to_owned(), shard(&key.pk(), DUE_SHARDS).to_string().into());
        }
        if let Some(list) = encoded.listed_in {
            item.insert(LIST_SHARD.to_owned(), list_shard(shard(&key.pk(), LIST_SHARDS), &list).into());
        }
        if let Some(expires_at) = encoded.expires_at {
            item.insert(EXPIRES_AT.to_owned(), expiry(expires_at));
        }
        if !self.outbox.is_empty() {
            item.insert(OUTBOX.to_owned(), OutboxEntry::write_all(&self.outbox).into());
        }
        Ok(item)
    }
}

/// The attributes that events and answers may show.
pub(crate) fn public(mut item: Item) -> Item {
    for name in RESERVED {
        item.remove(name);
    }
    item
}

/// The value of [`EXPIRES_AT`].
pub(crate) fn expiry(at: Timestamp) -> Value {
    at.millis().div_euclid(1_000).into()
}

/// The value of [`LIST_SHARD`] for one part of a list.
pub(crate) fn list_shard(shard: u8, list: &str) -> String {
    format!("{shard}#{list}")
}

/// Which of `shards` parts of an index an item stands in.
fn shard(pk: &str, shards: u8) -> u8 {
    let first = u8::from_str_radix(&digest_bytes(pk.as_bytes())[..2], 16).unwrap_or(0);
    first % shards
}

impl std::fmt::Display for Corrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Corrupt {}

//! Dead letters: records that can never succeed, with everything needed to understand and redo them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::commit::{CommitError, Committer};
use crate::id::digest_bytes;
use crate::invocation::Invocation;
use crate::item::{Item, PK, SK};
use crate::ports::store::{Condition, Put, WriteError};
use crate::record::{EventRef, Outcome, Record};

/// The framework's own table.
pub const TABLE: &str = "dead-letters";

/// Key, value and headers that are longer as JSON stand in items of their own, as parts of that JSON, so that no item reaches
/// DynamoDB's 400 KB (AWS limit).
const PART: usize = 300 * 1024;

/// Parks records in the name of one policy.
pub(crate) struct DeadLetters<'a> {
    policy: &'a str,
    committer: Committer,
    attempts: u32,
}

impl<'a> DeadLetters<'a> {
    pub(crate) fn new(policy: &'a str, invocation: &Invocation) -> Self {
        let committer = Committer::of(invocation);
        DeadLetters { policy, committer, attempts: 1 }
    }

    /// The same for records that were tried so often.
    pub(crate) fn after(self, attempts: u32) -> Self {
        DeadLetters { attempts, ..self }
    }

    /// Writes the record down, once however often it is parked, trying again while there is time.
    pub(crate) async fn park(
        &self,
        record: &Record,
        event: Option<&EventRef>,
        reason: &str,
    ) -> Result<(), CommitError> {
        self.committer.insist(async || self.write(record, event, reason).await).await
    }

    /// Parks the record and says what became of it: it fails where it could not be parked.
    pub(crate) async fn outcome(&self, record: &Record, event: Option<&EventRef>, reason: &str) -> Outcome {
        match self.park(record, event, reason).await {
            Ok(()) => Outcome::Parked(reason.to_owned()),
            Err(e) => Outcome::Failed(format!("it could not be parked: {e}")),
        }
    }

    async fn write(&self, record: &Record, event: Option<&EventRef>, reason: &str) -> Result<(), WriteError> {
        let store = &self.committer.platform.store;
        let value = record.value.as_deref().unwrap_or_default();
        let (policy, topic) = (cut(self.policy), cut(&record.topic));
        let sk = format!("{topic}/{}/{:020}/{}", record.partition, record.offset, digest_bytes(value));
        let mut item = self.describe(record, event, reason);
        let original = original(record);
        // Text keys and plain values only: this cannot fail.
        let document = serde_json::to_string(&original).unwrap_or_default();
        if document.len() > PART {
            let parts = parts(&document).enumerate().map(|(n, part)| {
                let mut item = Item::new();
                item.insert(PK.to_owned(), format!("{policy}/parts").into());
                item.insert(SK.to_owned(), format!("{sk}/{n:04}").into());
                item.insert("document".to_owned(), part.into());
                item
            });
            let parts: Vec<Item> = parts.collect();
            item.insert("parts".to_owned(), parts.len().into());
            store.put_all(TABLE, parts).await.map_err(WriteError::Failed)?;
        } else {
            item.extend(original);
        }
        item.insert(PK.to_owned(), policy.into());
        item.insert(SK.to_owned(), sk.into());
        store.put(Put { table: TABLE, item, when: Condition::Absent }).await
    }

    fn describe(&self, record: &Record, event: Option<&EventRef>, reason: &str) -> Item {
        let now = self.committer.platform.clock.now();
        let mut item = Item::new();
        let mut set = |name: &str, value: Value| item.insert(name.to_owned(), value);
        set("policy", cut(self.policy).into());
        set("topic", cut(&record.topic).into());
        set("partition", record.partition.into());
        set("offset", record.offset.into());
        set("reason", cut(reason).into());
        set("attempts", self.attempts.into());
        set("recordTime", record.timestamp.to_string().into());
        set("parkedAt", now.to_string().into());
        if let Some(event) = event {
            set("eventId", cut(&event.id).into());
            set("type", cut(&event.event_type).into());
            set("correlationId", cut(&event.correlation_id).into());
        }
        item
    }
}

/// The record's own bytes: key, value and headers.
fn original(record: &Record) -> Item {
    let headers: Vec<Value> = record
        .headers
        .iter()
        .map(|(name, value)| json!({ "name": name, "valueBase64": STANDARD.encode(value) }))
        .collect();
    let mut item = Item::new();
    item.insert("headers".to_owned(), headers.into());
    if let Some(key) = &record.key {
        insert_bytes(&mut item, "key", key);
    }
    if let Some(value) = &record.value {
        insert_bytes(&mut item, "value", value);
    }
    item
}

/// What others wrote and nobody limited, cut to a length that every key and item can hold.
fn cut(text: &str) -> &str {
    const LONGEST: usize = 500;
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text)
}

/// A long text in pieces of at most [`PART`] bytes.
fn parts(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (part, rest) = text.split_at(text.floor_char_boundary(PART));
        text = rest;
        (!part.is_empty()).then_some(part)
    })
}

/// Text as it is, other bytes as base64 under `NAMEBase64`: both give the original bytes back.
fn insert_bytes(item: &mut Item, name: &str, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => item.insert(name.to_owned(), text.into()),
        Err(_) => item.insert(format!("{name}Base64"), STANDARD.encode(bytes).into()),
    };
}

//! Dead letters: records that can never succeed, with everything needed to understand and redo them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::commit::{CommitError, Committer};
use crate::id::digest_bytes;
use crate::invocation::Invocation;
use crate::item::{Item, PK, SK};
use crate::ports::store::{Condition, Put, WriteError};
use crate::record::{EventRef, Record};

/// The framework's own table.
pub const TABLE: &str = "dead-letters";

/// Longer values stand in items of their own, so that no item reaches DynamoDB's 400 KB (AWS limit) once written as base64.
const PART: usize = 256 * 1024;

/// Parks records in the name of one policy.
pub(crate) struct DeadLetters<'a> {
    policy: &'a str,
    committer: Committer,
    attempts: u32,
}

impl<'a> DeadLetters<'a> {
    pub(crate) fn new(policy: &'a str, invocation: &Invocation) -> Self {
        let committer = Committer { platform: invocation.platform.clone(), until: invocation.until };
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
        let mut attempt = 0;
        loop {
            let error = match self.write(record, event, reason).await {
                Ok(()) | Err(WriteError::Condition(_)) => return Ok(()),
                Err(WriteError::Conflict) => CommitError::Stale,
                Err(WriteError::Failed(e)) => e.into(),
            };
            attempt += 1;
            if matches!(error, CommitError::Terminal(_)) || !self.committer.wait(attempt).await {
                return Err(error);
            }
        }
    }

    async fn write(&self, record: &Record, event: Option<&EventRef>, reason: &str) -> Result<(), WriteError> {
        let store = &self.committer.platform.store;
        let value = record.value.as_deref().unwrap_or_default();
        let sk = format!("{}/{}/{:020}/{}", record.topic, record.partition, record.offset, digest_bytes(value));
        let mut item = self.describe(record, event, reason);
        item.insert(PK.to_owned(), self.policy.into());
        item.insert(SK.to_owned(), sk.as_str().into());
        if value.len() > PART {
            let parts: Vec<Item> = value
                .chunks(PART)
                .enumerate()
                .map(|(n, part)| {
                    let mut item = Item::new();
                    item.insert(PK.to_owned(), format!("{}/parts", self.policy).into());
                    item.insert(SK.to_owned(), format!("{sk}/{n:04}").into());
                    item.insert("valueBase64".to_owned(), STANDARD.encode(part).into());
                    item
                })
                .collect();
            item.insert("parts".to_owned(), parts.len().into());
            store.put_all(TABLE, parts).await.map_err(WriteError::Failed)?;
        } else if record.value.is_some() {
            insert_bytes(&mut item, "value", value);
        }
        store.put(Put { table: TABLE, item, when: Condition::Absent }).await
    }

    fn describe(&self, record: &Record, event: Option<&EventRef>, reason: &str) -> Item {
        let now = self.committer.platform.clock.now();
        let headers: Vec<Value> = record
            .headers
            .iter()
            .map(|(name, value)| json!({ "name": name, "valueBase64": STANDARD.encode(value) }))
            .collect();
        let mut item = Item::new();
        let mut set = |name: &str, value: Value| item.insert(name.to_owned(), value);
        set("policy", self.policy.into());
        set("topic", record.topic.as_str().into());
        set("partition", record.partition.into());
        set("offset", record.offset.into());
        set("headers", headers.into());
        set("reason", reason.into());
        set("attempts", self.attempts.into());
        set("recordTime", record.timestamp.to_string().into());
        set("parkedAt", now.to_string().into());
        if let Some(event) = event {
            set("eventId", event.id.as_str().into());
            set("type", event.event_type.as_str().into());
            set("correlationId", event.correlation_id.as_str().into());
        }
        if let Some(key) = &record.key {
            insert_bytes(&mut item, "key", key);
        }
        item
    }
}

/// Text as it is, other bytes as base64 under `NAMEBase64`: both give the original bytes back.
fn insert_bytes(item: &mut Item, name: &str, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => item.insert(name.to_owned(), text.into()),
        Err(_) => item.insert(format!("{name}Base64"), STANDARD.encode(bytes).into()),
    };
}

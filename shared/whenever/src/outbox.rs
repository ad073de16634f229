//! The outbox: the events of an item's last write, in as few bytes as their envelopes can be completed from.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::envelope::{Envelope, SPECVERSION, schema};
use crate::id::event_id;
use crate::item::{Item, OUTBOX, PK, RESERVED};
use crate::ports::Message;
use crate::{Announcement, Emission, Timestamp};

/// What caused a write: the event, command or deadline that it answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// The event's id; for an HTTP command its `Idempotency-Key` or a fresh UUID.
    pub id: String,
    /// When it happened; what it causes happens later.
    pub time: Timestamp,
    /// The saga it belongs to, where that is not the written event's partition key.
    pub correlation: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

/// One event as the item holds it. DynamoDB bills each started KB, so it says nothing that the item says already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OutboxEntry {
    #[serde(rename = "type")]
    event_type: String,
    topic: String,
    #[serde(default = "first_version", skip_serializing_if = "is_first_version")]
    version: u32,
    /// Milliseconds since 1970.
    time: i64,
    cause: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    /// The partition key, where it is not the aggregate's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The correlation id, where it is not the partition key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    saga: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    data: Map<String, Value>,
}

/// An event that is ready to be published.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// The topic it belongs to.
    pub topic: String,
    /// The event.
    pub envelope: Envelope,
}

impl From<&Outgoing> for Message {
    fn from(event: &Outgoing) -> Self {
        Message {
            topic: event.topic.clone(),
            key: event.envelope.partitionkey.clone(),
            // Text keys and plain values only: writing an envelope cannot fail.
            value: serde_json::to_vec(&event.envelope).unwrap_or_default(),
        }
    }
}

/// The outbox of an item cannot be read; says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadOutbox(pub String);

impl OutboxEntry {
    pub(crate) fn new(emission: Emission, aggregate_id: &str, cause: &Cause, time: Timestamp) -> Self {
        let key = emission.partition_key.filter(|key| key != aggregate_id);
        let partition_key = key.as_deref().unwrap_or(aggregate_id);
        OutboxEntry {
            event_type: emission.event_type.to_owned(),
            topic: emission.topic.to_owned(),
            version: emission.version,
            time: time.millis(),
            cause: cause.id.clone(),
            trace: cause.traceparent.clone(),
            saga: cause.correlation.clone().filter(|saga| saga != partition_key),
            key,
            data: emission.own,
        }
    }

    /// The whole event of aggregate (`kind`, `id`), the one at `position` among those of its cause. Its own fields are laid over
    /// what the aggregate shows.
    fn complete(self, kind: &str, id: &str, position: usize, mut data: Map<String, Value>) -> Outgoing {
        data.extend(self.data);
        let partitionkey = self.key.unwrap_or_else(|| id.to_owned());
        let envelope = Envelope {
            specversion: SPECVERSION.to_owned(),
            id: event_id(&self.cause, kind, id, position),
            source: format!("/{kind}"),
            dataschema: schema(&self.event_type, self.version),
            event_type: self.event_type,
            subject: id.to_owned(),
            time: Timestamp::from_millis(self.time),
            datacontenttype: "application/json".to_owned(),
            correlationid: self.saga.unwrap_or_else(|| partitionkey.clone()),
            partitionkey,
            causationid: self.cause,
            traceparent: self.trace,
            data,
        };
        Outgoing { topic: self.topic, envelope }
    }

    pub(crate) fn write_all(entries: &[OutboxEntry]) -> String {
        // Only text keys and plain values: writing them cannot fail.
        serde_json::to_string(entries).unwrap_or_default()
    }
}

/// The events that stand in an item's outbox, completed from the item; none where it has no outbox.
///
/// # Errors
///
/// [`BadOutbox`] where the outbox or the key is not of the form that commits write.
pub fn outgoing(item: &Item) -> Result<Vec<Outgoing>, BadOutbox> {
    let entries: Vec<OutboxEntry> = match item.get(OUTBOX) {
        None => return Ok(Vec::new()),
        Some(Value::String(text)) => {
            serde_json::from_str(text).map_err(|e| BadOutbox(format!("its outbox is damaged: {e}")))?
        }
        Some(_) => return Err(BadOutbox("its outbox is no text".to_owned())),
    };
    // A policy would park it, and say no more than that.
    if entries.iter().any(|entry| entry.event_type.is_empty()) {
        return Err(BadOutbox("one of its events has no type".to_owned()));
    }
    let pk = item.get(PK).and_then(Value::as_str).unwrap_or_default();
    let (kind, id) = pk.split_once('#').ok_or_else(|| BadOutbox(format!("its key {pk:?} is not KIND#ID")))?;
    let shown = item.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str()));
    let shown: Item = shown.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut events: Vec<Outgoing> = Vec::with_capacity(entries.len());
    let count = entries.len();
    for (entry, shown) in entries.into_iter().zip(std::iter::repeat_n(shown, count)) {
        let position = events.iter().filter(|e| e.envelope.causationid == entry.cause).count();
        events.push(entry.complete(kind, id, position, shown));
    }
    Ok(events)
}

/// The event of an announcement, as the outbox of an item without public attributes would have held it.
pub(crate) fn announced(announcement: Announcement, cause: &Cause, now: Timestamp) -> Outgoing {
    let Announcement { kind, id, emission } = announcement;
    OutboxEntry::new(emission, &id, cause, now).complete(kind, &id, 0, Map::new())
}

fn first_version() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_first_version(version: &u32) -> bool {
    *version == first_version()
}

impl std::fmt::Display for BadOutbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadOutbox {}

//! Records as a trigger brings them, and what became of each.

use serde::Serialize;

use crate::{Envelope, Timestamp};

/// A Kafka record. Bytes are the producer's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset in its partition.
    pub offset: i64,
    /// The broker's time of the record.
    pub timestamp: Timestamp,
    /// The key; `None` where the record has none.
    pub key: Option<Vec<u8>>,
    /// The value; `None` for a Kafka tombstone.
    pub value: Option<Vec<u8>>,
    /// Headers in their order.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "outcome", content = "reason")]
pub enum Outcome {
    /// Its effect is written, or was already.
    Done,
    /// There is no policy for its type.
    Ignored,
    /// It can never succeed and stands in the dead letters.
    Parked(String),
    /// It is to be delivered again.
    Failed(String),
}

/// A record's fate, for the answer and the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Handled {
    /// Event id, type and correlation id, where the record could be decoded.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventRef>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Which event a line of the log is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRef {
    /// The event's id.
    pub id: String,
    /// The event's type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The saga that it belongs to.
    pub correlation_id: String,
}

impl<D> From<&Envelope<D>> for EventRef {
    fn from(envelope: &Envelope<D>) -> Self {
        EventRef {
            id: envelope.id.clone(),
            event_type: envelope.event_type.clone(),
            correlation_id: envelope.correlationid.clone(),
        }
    }
}

impl Handled {
    /// The record must be delivered again.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }
}

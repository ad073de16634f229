//! Typed events: what a policy listens to and what an aggregate emits.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Timestamp;

/// The `data` of one type of event: an immutable fact, named in the past tense.
///
/// Versions are additive: a field that is new is optional, and unknown fields are ignored.
pub trait Event: DeserializeOwned + Send + Sync + 'static {
    /// The CloudEvents `type`, as the domain says it: `OrderPlaced`.
    const TYPE: &'static str;
    /// The topic that carries it.
    const TOPIC: &'static str;
    /// The version that `dataschema` names.
    const VERSION: u32 = 1;
}

/// An event as a policy receives it: its data with what the envelope says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Received<E> {
    /// The event's id; the same fact has the same id however often it is delivered.
    pub id: String,
    /// When it happened.
    pub time: Timestamp,
    /// The fact itself.
    pub data: E,
}

impl<E> std::ops::Deref for Received<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.data
    }
}

/// An event that a decision emits. The aggregate's public attributes become its data; `own` is laid over them.
#[derive(Debug, Clone, PartialEq)]
pub struct Emission {
    pub(crate) event_type: &'static str,
    pub(crate) topic: &'static str,
    pub(crate) version: u32,
    pub(crate) partition_key: Option<String>,
    pub(crate) own: Map<String, Value>,
}

impl Emission {
    /// An `E` that says what the aggregate's public attributes say.
    #[must_use]
    pub fn of<E: Event>() -> Self {
        Emission { event_type: E::TYPE, topic: E::TOPIC, version: E::VERSION, partition_key: None, own: Map::new() }
    }

    /// Adds a field of the event's own, or says one of the aggregate's attributes differently.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Serialize) -> Self {
        // Domain values are plain data: numbers, text, lists. What cannot be written as JSON is left out.
        if let Ok(value) = serde_json::to_value(value) {
            self.own.insert(field.to_owned(), value);
        }
        self
    }

    /// Orders the event with those of another key than the aggregate's own id.
    #[must_use]
    pub fn keyed_by(mut self, partition_key: impl Into<String>) -> Self {
        self.partition_key = Some(partition_key.into());
        self
    }

    /// The event's type.
    #[must_use]
    pub fn event_type(&self) -> &'static str {
        self.event_type
    }
}

/// An event that changes no state: it goes to the broker directly, by [`crate::http::Call::publish`], and not through an outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Announcement {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) emission: Emission,
}

impl Announcement {
    /// An event about `kind` (`product`) number `id`. What `emission` adds is its whole data; its key is `id`, unless `emission`
    /// says otherwise.
    #[must_use]
    pub fn about(kind: &'static str, id: impl Into<String>, emission: Emission) -> Self {
        Announcement { kind, id: id.into(), emission }
    }
}

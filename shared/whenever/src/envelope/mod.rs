//! The envelope of every event: CloudEvents 1.0, structured JSON mode.

mod read;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Event, Timestamp};

pub(crate) use read::Unread;

/// The CloudEvents version that is written, and the only one that is read.
pub const SPECVERSION: &str = "1.0";

/// A fact with everything that is said about it. `D` is its data: a JSON object where nothing else is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<D = Map<String, Value>> {
    /// CloudEvents version, `1.0`.
    pub specversion: String,
    /// The same for the same fact, however often it is published.
    pub id: String,
    /// The kind of aggregate that says so: `/order`.
    pub source: String,
    /// The event's name in the domain: `OrderPlaced`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The aggregate's id.
    pub subject: String,
    /// When it happened; sorts one saga's events into their order.
    pub time: Timestamp,
    /// `application/json`.
    pub datacontenttype: String,
    /// Type and version of `data`: `OrderPlaced/1`.
    pub dataschema: String,
    /// The record's key: what is kept in order with this event.
    pub partitionkey: String,
    /// The saga that it belongs to.
    pub correlationid: String,
    /// The id of the event or command that caused it.
    pub causationid: String,
    /// W3C trace context, passed on from the first command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The aggregate's public attributes at that write, and the event's own fields.
    pub data: D,
}

/// Why bytes are no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undecodable {
    /// There is no value (a Kafka tombstone).
    Empty,
    /// The bytes are no UTF-8.
    NotUtf8,
    /// The text is no JSON, or no CloudEvents envelope.
    NotAnEnvelope(String),
    /// A CloudEvents version that this program does not know.
    Specversion(String),
    /// `id` or `type` is there but empty.
    Blank(&'static str),
    /// `data` does not fit the event's type.
    Data(String),
}

impl Envelope {
    /// Reads an envelope. `partitionkey` and `correlationid` may be missing in events of others; then they are the subject, or
    /// the id where there is none. `causationid` is then the event's own id.
    ///
    /// # Errors
    ///
    /// [`Undecodable`] says what is wrong; reading the same bytes again cannot help.
    pub fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        Self::read(bytes)
    }

    /// The data as the event's type.
    ///
    /// # Errors
    ///
    /// [`Undecodable::Data`] names the field that does not fit.
    pub fn data<E: Event>(&self) -> Result<E, Undecodable> {
        E::deserialize(&self.data).map_err(|e| Undecodable::Data(e.to_string()))
    }

    /// The JSON object that it is written as, without a copy of anything.
    #[must_use]
    pub fn into_object(self) -> Map<String, Value> {
        let fields: [(&str, Value); 12] = [
            ("causationid", self.causationid.into()),
            ("correlationid", self.correlationid.into()),
            ("data", self.data.into()),
            ("datacontenttype", self.datacontenttype.into()),
            ("dataschema", self.dataschema.into()),
            ("id", self.id.into()),
            ("partitionkey", self.partitionkey.into()),
            ("source", self.source.into()),
            ("specversion", self.specversion.into()),
            ("subject", self.subject.into()),
            ("time", self.time.to_string().into()),
            ("type", self.event_type.into()),
        ];
        let traceparent = self.traceparent.map(|traceparent| ("traceparent", traceparent.into()));
        fields.into_iter().chain(traceparent).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl<D> Envelope<D> {
    /// The version that `dataschema` ends in; 1 where it names none.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.dataschema.rsplit('/').next().and_then(|version| version.parse().ok()).unwrap_or(1)
    }
}

const JSON: &str = "application/json";

/// `dataschema` of version `version` of a type.
#[must_use]
pub(crate) fn schema(event_type: &str, version: u32) -> String {
    format!("{event_type}/{version}")
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undecodable::Empty => f.write_str("the record has no value"),
            Undecodable::NotUtf8 => f.write_str("the value is not UTF-8"),
            Undecodable::NotAnEnvelope(why) => write!(f, "the value is no CloudEvents envelope: {why}"),
            Undecodable::Specversion(version) => {
                write!(f, "specversion is {version:?}, this program reads {SPECVERSION:?}")
            }
            Undecodable::Blank(field) => write!(f, "the envelope's {field} is empty"),
            Undecodable::Data(why) => write!(f, "data does not fit its type: {why}"),
        }
    }
}

impl std::error::Error for Undecodable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_object_is_what_it_is_written_as() {
        for traceparent in [None, Some("00-1-2-01")] {
            let text = serde_json::json!({
                "specversion": "1.0", "id": "1", "source": "/order", "type": "OrderPlaced", "subject": "7",
                "time": "2026-01-01T00:00:00.000Z", "traceparent": traceparent, "data": { "orderId": "7" },
            });
            let event = Envelope::decode(text.to_string().as_bytes()).unwrap();
            assert_eq!(serde_json::to_value(&event).unwrap(), Value::Object(event.into_object()));
        }
    }
}

//! The envelope of every event: CloudEvents 1.0, structured JSON mode.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::object::read_object;
use crate::{Event, Timestamp};

/// The CloudEvents version that is written, and the only one that is read.
pub const SPECVERSION: &str = "1.0";

/// A fact with everything that is said about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
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
    pub data: Map<String, Value>,
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
        if bytes.is_empty() {
            return Err(Undecodable::Empty);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Undecodable::NotUtf8)?;
        let raw: Lenient = read_object(text).map_err(|e| Undecodable::NotAnEnvelope(e.to_string()))?;
        if raw.specversion != SPECVERSION {
            return Err(Undecodable::Specversion(raw.specversion));
        }
        if raw.id.is_empty() {
            return Err(Undecodable::Blank("id"));
        }
        if raw.event_type.is_empty() {
            return Err(Undecodable::Blank("type"));
        }
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let subject = raw.subject.unwrap_or_default();
        let partitionkey = given(raw.partitionkey).or(given(Some(subject.clone()))).unwrap_or_else(|| raw.id.clone());
        Ok(Envelope {
            specversion: raw.specversion,
            causationid: raw.causationid.unwrap_or_else(|| raw.id.clone()),
            id: raw.id,
            source: raw.source,
            dataschema: raw.dataschema.unwrap_or_else(|| schema(&raw.event_type, 1)),
            event_type: raw.event_type,
            subject,
            time: raw.time,
            datacontenttype: raw.datacontenttype.unwrap_or_else(|| JSON.to_owned()),
            correlationid: given(raw.correlationid).unwrap_or_else(|| partitionkey.clone()),
            partitionkey,
            traceparent: raw.traceparent,
            data: raw.data,
        })
    }

    /// The data as the event's type.
    ///
    /// # Errors
    ///
    /// [`Undecodable::Data`] names the field that does not fit.
    pub fn data<E: Event>(&self) -> Result<E, Undecodable> {
        E::deserialize(&self.data).map_err(|e| Undecodable::Data(e.to_string()))
    }

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

/// What CloudEvents requires, and the rest as far as it is there.
#[derive(Deserialize)]
struct Lenient {
    specversion: String,
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    source: String,
    time: Timestamp,
    subject: Option<String>,
    datacontenttype: Option<String>,
    dataschema: Option<String>,
    partitionkey: Option<String>,
    correlationid: Option<String>,
    causationid: Option<String>,
    traceparent: Option<String>,
    data: Map<String, Value>,
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

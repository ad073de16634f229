//! Reading an envelope, its data to a JSON object or not at all.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Envelope, JSON, SPECVERSION, Undecodable, schema};
use crate::object::read_object;
use crate::{Event, Timestamp};

/// Data as it came: the text of a JSON object. An event is read as its own type mostly, and once: anything between would be thrown away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unread<'t>(&'t RawValue);

/// What CloudEvents requires, and the rest as far as it is there.
#[derive(Deserialize)]
struct Lenient<D> {
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
    data: D,
}

impl<'t, D: Deserialize<'t>> Envelope<D> {
    /// As [`Envelope::decode`], with data of any kind.
    pub(crate) fn read(bytes: &'t [u8]) -> Result<Self, Undecodable> {
        if bytes.is_empty() {
            return Err(Undecodable::Empty);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Undecodable::NotUtf8)?;
        let raw: Lenient<D> = read_object(text).map_err(|e| Undecodable::NotAnEnvelope(e.to_string()))?;
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
}

impl Envelope<Unread<'_>> {
    /// The data as the event's type.
    pub(crate) fn data<E: Event>(&self) -> Result<E, Undecodable> {
        serde_json::from_str(self.data.0.get()).map_err(|e| Undecodable::Data(e.to_string()))
    }
}

impl<'t> Deserialize<'t> for Unread<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?;
        if text.get().starts_with('{') { Ok(Unread(text)) } else { Err(D::Error::custom("data is no object")) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    #[derive(Debug, Deserialize)]
    struct LampLit {
        lamp: u8,
    }

    impl Event for LampLit {
        const TYPE: &'static str = "LampLit";
        const TOPIC: &'static str = "lamps";
    }

    fn lit(data: &str) -> String {
        let head = r#""specversion": "1.0", "id": "1", "source": "/lamp", "type": "LampLit""#;
        format!(r#"{{{head}, "time": "2026-01-01T00:00:00Z", "data": {data}}}"#)
    }

    #[test]
    fn unread_data_is_read_as_its_type() {
        let text = lit(r#"{"lamp": 7, "more": ["of", {"it": null}]}"#);
        assert_eq!(Envelope::<Unread<'_>>::read(text.as_bytes()).unwrap().data::<LampLit>().unwrap().lamp, 7);
        let text = lit(r#"{"lamp": 256}"#);
        let unfit = Envelope::<Unread<'_>>::read(text.as_bytes()).unwrap().data::<LampLit>();
        assert!(matches!(unfit, Err(Undecodable::Data(_))));
    }

    #[test]
    fn whoever_reads_it_data_is_an_object() {
        for data in ["7", "[7]", "null", "\"7\"", "", "{", "{7}"] {
            let text = lit(data);
            let (unread, read) = (
                Envelope::<Unread<'_>>::read(text.as_bytes()).err(),
                Envelope::<Map<String, Value>>::decode(text.as_bytes()).err(),
            );
            for why in [unread, read] {
                assert!(matches!(why, Some(Undecodable::NotAnEnvelope(_))), "{data}: {why:?}");
            }
        }
    }
}

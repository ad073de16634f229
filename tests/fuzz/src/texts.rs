//! What is read wherever text comes in: what was read and is written again reads the same.

use std::ops::RangeInclusive;

use localstack::template::Filter;
use serde_json::{Map, json};
use whenever::http::Body;
use whenever::{Envelope, Timestamp};

const ANY_NUMBER: RangeInclusive<i64> = i64::MIN..=i64::MAX;

/// One of each kind.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let envelope = json!({
        "specversion": "1.0", "id": "1", "source": "/order", "type": "OrderPlaced", "subject": "7",
        "time": "2026-01-01T00:00:00.000Z", "dataschema": "OrderPlaced/1", "partitionkey": "7", "correlationid": "7",
        "causationid": "0", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "data": {"a": [1]},
    });
    let pattern =
        json!({"value": {"type": ["A", {"prefix": "B"}], "$or": [{"n": [{"numeric": [">", 0]}]}, {"m": [null]}]}});
    let body = json!({"id": "7", "qty": "10", "name": "TV", "items": [{"qty": 1}]});
    let texts = [envelope.to_string(), pattern.to_string(), body.to_string(), "2026-01-31T12:00:00.5+09:00".to_owned()];
    texts.map(String::into_bytes).to_vec()
}

/// Judges how bytes are read as each of those.
pub(crate) fn judge(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::decode(bytes) {
        let written = serde_json::to_vec(&envelope).unwrap_or_default();
        assert_eq!(
            Envelope::decode(&written).map(said),
            Ok(said(envelope)),
            "an event is another one when it is written again"
        );
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(time.to_string().parse(), Ok(time), "{text} is another time when it is written again");
        assert_eq!(time.to_string().len(), "2026-01-31T12:00:00.000Z".len(), "{time} does not sort as text");
    }
    if let Ok(filter) = Filter::parse(&[text]) {
        let record = serde_json::from_str(text).unwrap_or_default();
        assert_eq!(filter.matches(&record), filter.clone().matches(&record));
    }
    if let Ok(body) = Body::parse(text) {
        read(&body);
    }
}

/// An event and its fields' names; a number of many digits may change its last one.
fn said(envelope: Envelope) -> (Vec<String>, Envelope) {
    (envelope.data.keys().cloned().collect(), Envelope { data: Map::new(), ..envelope })
}

/// Reads fields of a body in every way; each is there, absent or refused with the field's name.
fn read(body: &Body) {
    let problems = [
        body.id(&["id", "name"]).err(),
        body.text(&["name", "id"], 10).err(),
        body.integer(&["qty"], ANY_NUMBER).err(),
        body.list("items").map(|items| items.iter().flatten().for_each(read)).err(),
    ];
    for problem in problems.into_iter().flatten() {
        assert!(problem.status == 400 && problem.field.is_some(), "{problem:?}");
    }
}

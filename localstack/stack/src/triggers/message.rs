//! A topic's message as an event shows it, and as a filter sees it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Headers as _, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::Record;

/// What a filter sees of a message; nothing where the value is not JSON.
pub(super) fn parse(payload: Option<&[u8]>) -> Option<Value> {
    let value: Value = serde_json::from_slice(payload?).ok()?;
    Some(Value::Object([("value".to_owned(), value)].into_iter().collect()))
}

/// The same of a message that was rendered before.
pub(super) fn parse_rendered(json: &str) -> Option<Value> {
    /// What a filter needs of it.
    #[derive(Deserialize)]
    struct Rendered {
        value: Option<String>,
    }
    let rendered: Rendered = serde_json::from_str(json).ok()?;
    parse(Some(&BASE64_STANDARD.decode(rendered.value?).ok()?))
}

/// The message as an event shows it.
#[derive(Serialize)]
struct Rendered<'m> {
    topic: &'m str,
    partition: i32,
    offset: i64,
    timestamp: i64,
    #[serde(rename = "timestampType")]
    timestamp_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// One object for each header, so that a name may come twice. Bytes are signed there.
    headers: Vec<HashMap<&'m str, Vec<i8>>>,
}

/// The message as an event shows it, at this position and with the topic's name in the template.
pub(super) fn render(topic: &str, message: &BorrowedMessage<'_>, position: i64) -> Record {
    let (timestamp, timestamp_type) = match message.timestamp() {
        Timestamp::CreateTime(ms) => (ms, "CREATE_TIME"),
        Timestamp::LogAppendTime(ms) => (ms, "LOG_APPEND_TIME"),
        Timestamp::NotAvailable => (0, "NO_TIMESTAMP_TYPE"),
    };
    let headers = message.headers().into_iter().flat_map(|headers| headers.iter()).map(|header| {
        let bytes = header.value.unwrap_or_default().iter().map(|byte| byte.cast_signed()).collect();
        HashMap::from([(header.key, bytes)])
    });
    let rendered = Rendered {
        topic,
        partition: message.partition(),
        offset: position,
        timestamp,
        timestamp_type,
        key: message.key().map(|key| BASE64_STANDARD.encode(key)),
        value: message.payload().map(|value| BASE64_STANDARD.encode(value)),
        headers: headers.collect(),
    };
    // Strings and numbers always serialise.
    let json = serde_json::to_string(&rendered).unwrap_or_default().into();
    // What has no time is never too old.
    let written_ms = message.timestamp().to_millis().unwrap_or(i64::MAX);
    Record { position, written_ms, json, sequence: "".into() }
}

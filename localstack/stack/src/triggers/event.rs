//! The events that functions are invoked with for a batch, and what a failure destination gets.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::json;

use super::lane::{GivenUp, Part};
use crate::template::arn;

/// Where a trigger's records come from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// A topic of these brokers.
    Topic {
        /// Its name.
        topic: String,
        /// The brokers' addresses.
        bootstrap: String,
    },
    /// A table's stream.
    Stream {
        /// The table's name.
        table: String,
    },
}

impl Origin {
    /// The event for these parts. Records are rendered already, so it is put together as text.
    pub(super) fn event(&self, parts: &[Part]) -> Bytes {
        let records: usize = parts.iter().flat_map(|part| &part.records).map(|record| record.json.len() + 1).sum();
        let mut event = String::with_capacity(records + 200);
        match self {
            Self::Topic { topic, bootstrap } => {
                event.push_str(r#"{"eventSource":"SelfManagedKafka","bootstrapServers":""#);
                event.push_str(bootstrap);
                event.push_str(r#"","records":{"#);
                for (index, part) in parts.iter().enumerate() {
                    event.push_str(if index == 0 { "\"" } else { ",\"" });
                    event.push_str(topic);
                    // Writing to a string cannot fail.
                    let _ = write!(event, "-{}\":", part.lane.source.0);
                    push_records(&mut event, part);
                }
                event.push_str("}}");
            }
            Self::Stream { .. } => {
                event.push_str(r#"{"Records":"#);
                match parts {
                    [part] => push_records(&mut event, part),
                    // A stream's batch is one part: its parts run beside each other.
                    _ => event.push_str("[]"),
                }
                event.push('}');
            }
        }
        Bytes::from(event)
    }

    /// What the failure destination gets for records that are given up.
    pub(super) fn obituary(&self, function: &str, part: &Part, why: GivenUp, now: &str) -> Vec<u8> {
        let condition = match why {
            GivenUp::RetriesExhausted => "RetryAttemptsExhausted",
            GivenUp::TooOld => "EventAgeExceeded",
        };
        let event = self.event(std::slice::from_ref(part));
        let payload: serde_json::Value = serde_json::from_slice(&event).unwrap_or_default();
        let mut record = json!({
            "requestContext": {
                "requestId": uuid::Uuid::new_v4().to_string(),
                "functionArn": arn::function(function),
                "condition": condition,
                "approximateInvokeCount": part.attempts,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": now,
            "payload": payload,
        });
        match self {
            Self::Topic { bootstrap, .. } => {
                record["KafkaBatchInfo"] =
                    json!({"batchSize": part.records.len(), "bootstrapServers": bootstrap, "payloadSize": event.len()});
            }
            Self::Stream { table } => {
                let sequence = |record: Option<&std::sync::Arc<super::record::Record>>| {
                    record.map(|record| record.sequence.to_string())
                };
                record["DDBStreamBatchInfo"] = json!({
                    "streamArn": arn::stream(table),
                    "batchSize": part.records.len(),
                    "startSequenceNumber": sequence(part.records.first()),
                    "endSequenceNumber": sequence(part.records.last()),
                });
            }
        }
        record.to_string().into_bytes()
    }
}

fn push_records(event: &mut String, part: &Part) {
    event.push('[');
    for (index, record) in part.records.iter().enumerate() {
        if index > 0 {
            event.push(',');
        }
        event.push_str(&record.json);
    }
    event.push(']');
}

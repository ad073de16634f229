//! What Lambda does with records that it gives up on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::lane::{Batch, Lane};
use crate::Record;
use crate::ports::Message;

impl Lane {
    /// Tells the failure destination what was given up, as Lambda does.
    pub(super) fn give_up(&self, batch: Batch, attempts: u32, condition: &str) {
        let core = &self.scene.core;
        core.say(format_args!("{} is given up on {} records: {condition}", self.host.name, batch.len()));
        let Some(topic) = &self.subscription.on_failure else { return };
        let mut records: Map<String, Value> = Map::new();
        for stored in &batch {
            let Record { topic, partition, offset, timestamp, key, value, .. } = &stored.record;
            let bytes = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| STANDARD.encode(bytes));
            let record = json!({
                "topic": topic, "partition": partition, "offset": offset, "timestamp": timestamp.millis(),
                "key": bytes(key), "value": bytes(value), "headers": [],
            });
            match records.entry(format!("{topic}-{partition}")).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(list) => list.push(record),
                _ => continue,
            }
        }
        let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{}", self.host.name);
        let given_up = json!({
            "requestContext": { "functionArn": arn, "condition": condition, "approximateInvokeCount": attempts },
            "payload": { "records": records },
        });
        let value = given_up.to_string().into_bytes();
        core.topics().append(core, Message { topic: topic.clone(), key: String::new(), value });
    }
}

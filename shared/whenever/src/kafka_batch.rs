//! Kafka records as Lambda's events carry them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Record, Timestamp};

/// A batch: `TOPIC-PARTITION` to that partition's records in order.
#[derive(Deserialize)]
pub(crate) struct KafkaBatch {
    records: BTreeMap<String, Vec<Box<RawValue>>>,
}

/// A record as Lambda writes it: bytes as base64, header values as arrays of signed bytes.
#[derive(Deserialize)]
struct KafkaRecord {
    topic: String,
    partition: i32,
    offset: i64,
    #[serde(default)]
    timestamp: i64,
    key: Option<String>,
    value: Option<String>,
    #[serde(default)]
    headers: Vec<BTreeMap<String, Vec<i8>>>,
}

impl KafkaBatch {
    /// Its records. One that is none becomes a record whose value is its JSON, so that it is parked as it came.
    pub(crate) fn records(&self) -> Vec<Record> {
        let partitions = self.records.iter();
        partitions
            .flat_map(|(name, raw)| raw.iter().map(|raw| read(raw).unwrap_or_else(|| unreadable(name, raw))))
            .collect()
    }
}

fn read(raw: &RawValue) -> Option<Record> {
    let record: KafkaRecord = serde_json::from_str(raw.get()).ok()?;
    let decode = |text: String| STANDARD.decode(text).ok();
    Some(Record {
        topic: record.topic,
        partition: record.partition,
        offset: record.offset,
        timestamp: Timestamp::from_millis(record.timestamp),
        key: record.key.map(decode).map_or(Some(None), |key| key.map(Some))?,
        value: record.value.map(decode).map_or(Some(None), |value| value.map(Some))?,
        headers: record
            .headers
            .into_iter()
            .flatten()
            .map(|(name, bytes)| (name, bytes.into_iter().map(i8::cast_unsigned).collect()))
            .collect(),
    })
}

fn unreadable(partition: &str, raw: &RawValue) -> Record {
    let (topic, number) = partition.rsplit_once('-').unwrap_or((partition, "0"));
    let fields: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    Record {
        topic: topic.to_owned(),
        partition: number.parse().unwrap_or(0),
        offset: fields.get("offset").and_then(Value::as_i64).unwrap_or(-1),
        value: Some(raw.get().as_bytes().to_vec()),
        ..Record::default()
    }
}

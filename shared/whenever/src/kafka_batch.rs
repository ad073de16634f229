//! Kafka records as Lambda's events carry them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::object::read_object;
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

/// Lambda's event for these records: what their function is invoked with to be handed them once more.
#[must_use]
pub fn kafka_event(records: &[Record]) -> Value {
    let mut partitions: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for record in records {
        let base64 = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| STANDARD.encode(bytes));
        let signed = |bytes: &[u8]| bytes.iter().map(|byte| byte.cast_signed()).collect::<Vec<_>>();
        let headers: Vec<Value> = record.headers.iter().map(|(name, bytes)| json!({ name: signed(bytes) })).collect();
        partitions.entry(format!("{}-{}", record.topic, record.partition)).or_default().push(json!({
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp.millis(),
            "timestampType": "CREATE_TIME",
            "key": base64(&record.key),
            "value": base64(&record.value),
            "headers": headers,
        }));
    }
    json!({ "eventSource": "SelfManagedKafka", "bootstrapServers": "localhost:9092", "records": partitions })
}

fn read(raw: &RawValue) -> Option<Record> {
    let record: KafkaRecord = read_object(raw.get()).ok()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_out_of_an_event_as_it_went_in() {
        let record = Record {
            topic: "t-1".to_owned(),
            partition: 3,
            offset: 7,
            timestamp: Timestamp::from_millis(1),
            key: None,
            value: Some(vec![0, 255]),
            headers: vec![("h".to_owned(), vec![200, 1])],
        };
        let batch: KafkaBatch = serde_json::from_str(&kafka_event(std::slice::from_ref(&record)).to_string()).unwrap();
        assert_eq!(batch.records(), [record]);
    }
}

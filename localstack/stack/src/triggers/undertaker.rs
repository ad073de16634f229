//! What happens to records that are given up: they go to the trigger's failure destination, or are said aloud.

use std::sync::Arc;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::event::Origin;
use super::lane::{GivenUp, Part};
use super::record::Record;
use crate::Say;
use crate::broker::Publisher;
use crate::journal::Journal;

/// Several records go to the failure destination together up to this size, which any broker takes.
const LARGE: usize = 900_000;

/// The failure destination of one trigger.
pub(super) struct Undertaker {
    pub(super) publisher: Publisher,
    /// The topic of `OnFailure`.
    pub(super) topic: Option<String>,
    /// Where the records have to be before they count as handed over.
    pub(super) journal: Option<Journal>,
    pub(super) say: Say,
}

impl Undertaker {
    /// Hands the records over, in as many messages as they need; returns once the broker has them, however long that takes. Of a
    /// record that it does not take even alone it gets what tells which one it was.
    pub(super) async fn bury(&self, origin: &Origin, function: &str, part: &Part, why: GivenUp) {
        let (mut records, attempts) = (part.records.len(), part.attempts);
        let Some(topic) = &self.topic else {
            (self.say)(&format!(
                "{function} discarded {records} records after {attempts} attempts: it has no OnFailure"
            ));
            return;
        };
        let now = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        let mut left = vec![part.records.clone()];
        while let Some(some) = left.pop() {
            let mut some = Part { lane: part.lane, records: some, attempts, given_up: part.given_up };
            let letter = origin.obituary(function, &some, why, &now);
            let is_large = some.records.len() > 1 && letter.len() > LARGE;
            if !is_large && self.publisher.publish(topic, &letter).await.is_ok() {
                continue;
            }
            if some.records.len() > 1 {
                let second = some.records.split_off(some.records.len() / 2);
                left.extend([second, some.records]);
                continue;
            }
            some.records = some.records.iter().map(|record| Arc::new(without_content(record))).collect();
            let taken = self.publisher.publish(topic, &origin.obituary(function, &some, why, &now)).await.is_ok();
            records -= usize::from(!taken);
            let how = if taken { "is there without its content" } else { "was discarded" };
            (self.say)(&format!("a record that {function} gave up is too large for {topic}: it {how}"));
        }
        if let Some(journal) = &self.journal {
            journal.until_written().await;
        }
        (self.say)(&format!("{function} gave {records} records up after {attempts} attempts: they are on {topic}"));
    }
}

/// The record's place and key: what tells where it is, or was, to be found.
fn without_content(record: &Record) -> Record {
    let mut json: Value = serde_json::from_str(&record.json).unwrap_or_default();
    if let Some(fields) = json.as_object_mut() {
        fields.remove("value");
        if let Some(headers) = fields.get_mut("headers") {
            *headers = json!([]);
        }
        if let Some(change) = fields.get_mut("dynamodb").and_then(Value::as_object_mut) {
            change.remove("NewImage");
            change.remove("OldImage");
        }
    }
    Record {
        position: record.position,
        written_ms: record.written_ms,
        json: json.to_string().into(),
        sequence: record.sequence.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rdkafka::consumer::{BaseConsumer, Consumer as _};
    use rdkafka::{ClientConfig, Message as _, Offset, TopicPartitionList};

    use super::*;
    use crate::broker::{self, Broker};
    use crate::template::Topic;
    use crate::triggers::record::{LaneId, SourceId};

    fn record(position: i64, json: Value) -> Arc<Record> {
        Arc::new(Record { position, written_ms: 0, json: json.to_string().into(), sequence: "".into() })
    }

    #[tokio::test]
    async fn records_that_are_too_large_together_are_given_up_one_by_one_in_their_order() {
        let broker = broker::Embedded::start(&[Topic { name: "dead-letters".into(), partitions: 1 }]).unwrap();
        let given = Broker::Embedded(broker.clone()).seen();
        let say: Say = Arc::new(|_| ());
        let undertaker = Undertaker {
            publisher: Publisher::new(given, Arc::clone(&say)),
            topic: Some("dead-letters".into()),
            journal: None,
            say,
        };
        let large = |position, size| record(position, json!({"offset": position, "value": "A".repeat(size)}));
        let part = Part {
            lane: LaneId { source: SourceId(0), part: 0 },
            records: vec![large(0, 600_000), large(1, 600_000), large(2, 1_300_000)],
            attempts: 1,
            given_up: Some(GivenUp::RetriesExhausted),
        };
        let origin = Origin::Topic { topic: "events".into(), bootstrap: String::new() };
        undertaker.bury(&origin, "policy", &part, GivenUp::RetriesExhausted).await;
        let reader: BaseConsumer =
            ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).set("group.id", "test").create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset("dead-letters", 0, Offset::Beginning).unwrap();
        reader.assign(&list).unwrap();
        for (offset, size) in [(0_i64, 600_000), (1, 600_000), (2, 1_300_000)] {
            let message = reader.poll(Duration::from_secs(20)).unwrap().unwrap();
            let letter: Value = serde_json::from_slice(message.payload().unwrap()).unwrap();
            let records = letter["payload"]["records"]["events-0"].as_array().unwrap();
            assert_eq!(records.len(), 1);
            assert_eq!(records[0]["offset"], offset);
            assert_eq!(records[0]["value"].as_str().unwrap().len(), size);
        }
    }

    #[test]
    fn what_is_left_of_a_record_without_its_content_is_its_place_and_key() {
        let left = |json| serde_json::from_str::<Value>(&without_content(&record(1, json)).json).unwrap();
        let topics = json!({"topic": "events", "offset": 1, "key": "aw==", "value": "e30=", "headers": [{"h": [1]}]});
        assert_eq!(left(topics), json!({"topic": "events", "offset": 1, "key": "aw==", "headers": []}));
        let streams = json!({"eventID": "e", "dynamodb": {"Keys": {"id": {"S": "1"}}, "NewImage": {}, "OldImage": {}}});
        assert_eq!(left(streams), json!({"eventID": "e", "dynamodb": {"Keys": {"id": {"S": "1"}}}}));
    }
}

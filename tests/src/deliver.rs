//! Handing records to functions as their triggers would, through the Invoke API.

use serde_json::{Value, json};
use whenever::ports::Clock as _;
use whenever::{Envelope, Record, SystemClock, kafka_event};

use crate::{Answer, Shop, fail};

impl Shop {
    /// Invokes a function with a trigger's raw event, whatever it answers.
    pub async fn invoke(&self, function: &str, event: &Value) -> Answer {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.stage.addresses().lambda);
        self.client.send("POST", &url, &[], event.to_string()).await
    }

    /// Delivers records in one batch. Answers the offsets that the function reports as failed.
    pub async fn deliver_records(&self, function: &str, records: &[Record]) -> Vec<i64> {
        let answer = self.invoke(function, &kafka_event(records)).await;
        let failed = answer.header("x-amz-function-error");
        assert!(answer.status == 200 && failed.is_empty(), "{function} failed: {}", answer.text());
        let answer = answer.json();
        let failures = answer["batchItemFailures"].as_array();
        let failures = failures.unwrap_or_else(|| fail(format!("{function} answered {answer}")));
        failures.iter().filter_map(|failure| failure["itemIdentifier"]["offset"].as_i64()).collect()
    }

    /// Delivers events in one batch; the function must take every one.
    pub async fn deliver(&self, function: &str, events: &[&Envelope]) {
        let records: Vec<Record> = events.iter().map(|event| self.record(event)).collect();
        let failed = self.deliver_records(function, &records).await;
        assert!(failed.is_empty(), "{function} wants records {failed:?} again");
    }

    /// An event that nobody emitted, of an order or of whatever else its type is about.
    #[must_use]
    pub fn made_up(&self, order: &str, event_type: &str, data: &Value) -> Envelope {
        let mut fields = json!({
            "specversion": "1.0", "id": self.unique("made-up"), "source": "/test", "type": event_type,
            "subject": order, "time": SystemClock.now(), "data": {"orderId": order},
        });
        if let (Some(to), Some(from)) = (fields["data"].as_object_mut(), data.as_object()) {
            to.extend(from.clone());
        }
        Envelope::decode(fields.to_string().as_bytes()).unwrap_or_else(|e| fail(e))
    }

    /// The record that carries an event, at an offset of its own.
    #[must_use]
    pub fn record(&self, event: &Envelope) -> Record {
        let value = serde_json::to_vec(event).unwrap_or_else(|e| fail(e));
        let types = shop::event_types();
        let its = types.iter().find(|listed| listed.name == event.event_type);
        self.raw_record_on(its.map_or(shop::ORDER_EVENTS, |listed| listed.topic), &event.partitionkey, &value)
    }

    /// A record of any bytes on `order-events`, at an offset of its own.
    #[must_use]
    pub fn raw_record(&self, key: &str, value: &[u8]) -> Record {
        self.raw_record_on(shop::ORDER_EVENTS, key, value)
    }

    /// The same on another topic.
    #[must_use]
    pub fn raw_record_on(&self, topic: &str, key: &str, value: &[u8]) -> Record {
        Record {
            topic: topic.to_owned(),
            // Far from what the broker will ever count to here.
            offset: 1_000_000_000 + i64::try_from(self.stage.number()).unwrap_or_default(),
            key: Some(key.as_bytes().to_vec()),
            value: Some(value.to_vec()),
            ..Record::default()
        }
    }
}

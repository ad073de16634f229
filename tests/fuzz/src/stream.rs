//! Events of a table's stream: what an outbox holds is published as events that can be read, what cannot be read is parked, and the relay
//! writes nothing else.

use localstack::template::{Function, Trigger};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use whenever::{Envelope, Letter, Outcome};

use crate::shop::{self, Shop};

/// Longer batches may take longer than an invocation may.
const MOST_RECORDS: usize = 300;

/// A stream's event, as far as it says how many records there are.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Box<RawValue>>,
}

/// Judges what each function behind a table's stream does.
pub(crate) fn judge(payload: &str) {
    let batch = shop::object::<Batch>(payload);
    if batch.as_ref().is_some_and(|batch| batch.records.len() > MOST_RECORDS) {
        return;
    }
    for function in shop::functions(|trigger| matches!(trigger, Trigger::Stream(_))) {
        judge_function(function, payload, batch.as_ref());
    }
}

fn judge_function(deployed: &Function, payload: &str, batch: Option<&Batch>) {
    let function = deployed.name.as_str();
    let mut shop = Shop::open();
    let before = shop.items();
    let answer = shop.invoke(deployed, payload);
    assert_eq!(shop.items(), before, "{function} writes to the shop's tables");
    let (letters, published) = (shop.letters(), shop.published());
    let Some(batch) = batch else {
        assert!(answer.result.is_err(), "{function} takes what is no batch");
        assert!(letters.is_empty() && published.is_empty(), "{function} does something for what is no batch");
        return;
    };
    // The tables and the broker take everything, so nothing has to come again.
    let failures = answer.result.as_ref().map(|answer| answer["batchItemFailures"].as_array().map(Vec::len));
    assert_eq!(failures, Ok(Some(0)), "{function} answers {:?}", answer.handled);
    let count = |wanted: fn(&Outcome) -> bool| answer.handled.iter().filter(|handled| wanted(&handled.outcome)).count();
    let (done, parked) = (count(|o| *o == Outcome::Done), count(|o| matches!(o, Outcome::Parked(_))));
    assert_eq!(done + parked, answer.handled.len(), "{function} neither publishes nor parks: {:?}", answer.handled);
    assert_eq!(done, published.len(), "{function} says it has published {:?}", answer.handled);
    for event in published {
        let text = String::from_utf8_lossy(&event);
        assert_eq!(Envelope::decode(&event).err(), None, "{function} publishes what no policy can read: {text}");
    }
    let kept: Vec<Option<Vec<u8>>> =
        letters.values().filter_map(|item| Some(Letter::read(item)?.record.value)).collect();
    for record in &batch.records {
        let raw = record.get().as_bytes();
        let lost = is_broken(record) && !kept.iter().any(|value| value.as_deref() == Some(raw));
        assert!(!lost, "{function} has lost {}", record.get());
    }
}

/// Whether a record cannot be one of a stream's.
fn is_broken(record: &RawValue) -> bool {
    let record: Value = serde_json::from_str(record.get()).unwrap_or_default();
    let outbox = &record["dynamodb"]["NewImage"]["outbox"];
    let unreadable = |text: &Value| text.as_str().is_none_or(|text| serde_json::from_str::<Vec<Value>>(text).is_err());
    !record["dynamodb"]["SequenceNumber"].is_string() || (!outbox.is_null() && unreadable(&outbox["S"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    #[test]
    fn one_of_the_seeds_is_published() {
        let publishes = |seed: &Vec<u8>| {
            let relay = shop::functions(|trigger| matches!(trigger, Trigger::Stream(_))).next().unwrap();
            let mut shop = Shop::open();
            shop.invoke(relay, std::str::from_utf8(seed).unwrap());
            !shop.published().is_empty()
        };
        assert!(Target::Stream.seeds().iter().any(publishes));
    }
}

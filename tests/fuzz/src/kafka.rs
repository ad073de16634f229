//! Events of Kafka triggers: each record is done, ignored, parked or wanted again; what is no event is parked and changes nothing; and a
//! batch that comes once more changes nothing either.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use localstack::template::{Function, Trigger};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use whenever::{Envelope, Letter, Outcome};

use crate::shop::{self, Items, Shop};

/// Longer batches may take longer than an invocation may.
const MOST_RECORDS: usize = 300;

/// A Kafka trigger's event, as far as it says how many records there are.
#[derive(Deserialize)]
struct Batch {
    records: BTreeMap<String, Vec<Box<RawValue>>>,
}

/// What a record may be taken for.
struct Candidate {
    /// Its value, and itself: a record of unknown shape is parked as it came.
    bytes: [Option<Vec<u8>>; 2],
    event: Option<Envelope>,
}

/// Judges what each function with a Kafka trigger does.
pub(crate) fn judge(payload: &str) {
    let batch = shop::object::<Batch>(payload);
    let records: Option<Vec<Candidate>> =
        batch.map(|batch| batch.records.values().flatten().map(|raw| Candidate::read(raw)).collect());
    if records.as_ref().is_some_and(|records| records.len() > MOST_RECORDS) {
        return;
    }
    for function in shop::functions(|trigger| matches!(trigger, Trigger::Kafka(_))) {
        judge_function(function, payload, records.as_deref());
    }
}

fn judge_function(deployed: &Function, payload: &str, records: Option<&[Candidate]>) {
    let function = deployed.name.as_str();
    let mut shop = Shop::open();
    let before = shop.items();
    let answer = shop.invoke(deployed, payload);
    let (after, letters) = (shop.items(), shop.letters());
    let outcomes: Vec<&Outcome> = answer.handled.iter().map(|handled| &handled.outcome).collect();
    let Some(records) = records else {
        assert!(answer.result.is_err(), "{function} takes what is no batch");
        assert!(letters.is_empty() && after == before, "{function} writes for what is no batch");
        return;
    };
    assert_eq!(outcomes.len(), records.len(), "{function} does not answer for each record: {outcomes:?}");
    let failed = answer.handled.iter().filter(|handled| handled.failed()).count();
    let named = answer.result.as_ref().map(|answer| answer["batchItemFailures"].as_array().map(Vec::len));
    assert_eq!(named, Ok(Some(failed)), "{function} does not name what failed: {outcomes:?}");
    // The tables take everything, so nothing else has to come again; what is behind it may have to wait.
    let newer = records.iter().filter_map(|record| record.event.as_ref()).any(|event| event.version() > 1);
    for (record, outcome) in records.iter().zip(&outcomes) {
        let may = match outcome {
            Outcome::Done | Outcome::Ignored => record.event.is_some(),
            Outcome::Failed(_) => newer,
            Outcome::Parked(_) => true,
        };
        assert!(may, "{function} finds that {:?} is {outcome:?}", record.event);
    }
    if !outcomes.contains(&&Outcome::Done) {
        assert_eq!(after, before, "{function} writes for no event");
    }
    if function != "collect-dead-letters" {
        judge_letters(function, &letters, records, &outcomes);
    }
    // Another process, which remembers nothing.
    let mut again = Shop::holding(&after);
    let repeated = again.invoke(deployed, payload);
    assert_eq!(again.items(), after, "{function} does a batch twice");
    for (first, second) in outcomes.iter().zip(&repeated.handled) {
        assert!(**first != Outcome::Done || second.outcome == Outcome::Done, "{function}, once more: {second:?}");
    }
}

/// Each record that is parked has a letter with its bytes, and no other has.
fn judge_letters(function: &str, letters: &Items, records: &[Candidate], outcomes: &[&Outcome]) {
    if letters.values().any(|letter| letter.contains_key("parts")) {
        // Only the letterbox puts them together.
        return;
    }
    let letters: Vec<Letter> = letters.values().filter_map(|item| Letter::read(item)).collect();
    let kept: BTreeSet<&Option<Vec<u8>>> = letters.iter().map(|letter| &letter.record.value).collect();
    let parked = records.iter().zip(outcomes).filter(|(_, outcome)| matches!(outcome, Outcome::Parked(_)));
    assert!(letters.len() <= parked.clone().count(), "{function} parks more than it says: {letters:?}");
    for (record, _) in parked {
        let has_letter = record.bytes.iter().any(|bytes| kept.contains(bytes));
        assert!(has_letter, "{function} has lost what it parked: {letters:?}");
    }
}

impl Candidate {
    fn read(raw: &RawValue) -> Self {
        let record: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        let value = record["value"].as_str().and_then(|value| STANDARD.decode(value).ok());
        let itself = raw.get().as_bytes().to_vec();
        let bytes = [value.as_deref(), Some(itself.as_slice())];
        let event = bytes.into_iter().flatten().find_map(|bytes| Envelope::decode(bytes).ok());
        Candidate { event, bytes: [value, Some(itself)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    #[test]
    fn every_function_does_what_one_of_the_seeds_asks() {
        let seeds = Target::Kafka.seeds();
        let does = |function: &Function, seed: &Vec<u8>| {
            let handled = Shop::open().invoke(function, std::str::from_utf8(seed).unwrap()).handled;
            handled.iter().any(|handled| handled.outcome == Outcome::Done)
        };
        let idle = shop::functions(|trigger| matches!(trigger, Trigger::Kafka(_)))
            .filter(|function| !seeds.iter().any(|seed| does(function, seed)));
        assert_eq!(idle.map(|function| function.name.as_str()).collect::<Vec<_>>(), ["collect-dead-letters"]);
    }
}

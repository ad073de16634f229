//! A function's answer to a batch: which records failed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::lane::{Outcome, Part};

/// How the answer names records.
#[derive(Debug, Clone, Copy)]
pub(super) enum Identifiers<'a> {
    /// By `TOPIC-PARTITION` and offset.
    Offsets {
        /// The topic read.
        topic: &'a str,
    },
    /// By sequence number.
    Sequences,
}

/// What became of each part of the batch, in the parts' order. An answer that cannot be read, or that names a record
/// that was not in the batch, fails all of it: the function cannot have meant to call the batch done.
pub(super) fn outcomes(answer: &[u8], parts: &[Part], identifiers: Identifiers<'_>) -> Vec<Outcome> {
    match failures(answer) {
        Some(failures) if failures.is_empty() => vec![Outcome::Done; parts.len()],
        Some(failures) => {
            let named = match identifiers {
                Identifiers::Offsets { topic } => failed_offsets(&failures, parts, topic),
                Identifiers::Sequences => failed_sequences(&failures, parts),
            };
            named.unwrap_or_else(|| vec![Outcome::Failed; parts.len()])
        }
        None => vec![Outcome::Failed; parts.len()],
    }
}

/// The identifiers of the failed records; `None` if the answer is malformed. No answer is a success.
fn failures(answer: &[u8]) -> Option<Vec<Value>> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "batchItemFailures", default)]
        failures: Option<Vec<Failure>>,
    }
    #[derive(Deserialize)]
    struct Failure {
        #[serde(rename = "itemIdentifier")]
        identifier: Value,
    }
    if answer.is_empty() {
        return Some(Vec::new());
    }
    let answer: Option<Answer> = serde_json::from_slice(answer).ok()?;
    let failures = answer.and_then(|answer| answer.failures).unwrap_or_default();
    Some(failures.into_iter().map(|failure| failure.identifier).collect())
}

fn failed_offsets(failures: &[Value], parts: &[Part], topic: &str) -> Option<Vec<Outcome>> {
    let mut failed: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for identifier in failures {
        let partition = identifier.get("topic-partition").or_else(|| identifier.get("partition"))?.as_str()?;
        let partition = partition.strip_prefix(topic)?.strip_prefix('-')?.parse().ok()?;
        let offset = identifier.get("offset")?.as_i64()?;
        let part = parts.iter().find(|part| part.lane.source.0 == partition)?;
        part.records.iter().find(|record| record.position == offset)?;
        failed.entry(partition).or_default().push(offset);
    }
    let outcome = |part: &Part| failed.remove(&part.lane.source.0).map_or(Outcome::Done, Outcome::FailedRecords);
    Some(parts.iter().map(outcome).collect())
}

fn failed_sequences(failures: &[Value], parts: &[Part]) -> Option<Vec<Outcome>> {
    let mut lowest: Vec<Option<i64>> = vec![None; parts.len()];
    for identifier in failures {
        let sequence = identifier.as_str()?;
        let found = parts.iter().enumerate().find_map(|(index, part)| {
            part.records.iter().find(|record| &*record.sequence == sequence).map(|record| (index, record.position))
        });
        let (index, position) = found?;
        lowest[index] = Some(lowest[index].map_or(position, |known| known.min(position)));
    }
    Some(lowest.into_iter().map(|position| position.map_or(Outcome::Done, Outcome::FailedFrom)).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::triggers::record::{LaneId, Record, SourceId};

    fn part(source: u32, positions: &[i64]) -> Part {
        let record = |&position: &i64| {
            let sequence = format!("s{position}").into();
            Arc::new(Record { position, written_ms: 0, json: "{}".into(), sequence })
        };
        let lane = LaneId { source: SourceId(source), part: 0 };
        Part { lane, records: positions.iter().map(record).collect(), attempts: 0, given_up: None }
    }

    fn kafka(answer: &str) -> Vec<Outcome> {
        let parts = [part(0, &[5, 6]), part(1, &[5])];
        outcomes(answer.as_bytes(), &parts, Identifiers::Offsets { topic: "a-b" })
    }

    #[test]
    fn nothing_named_is_success() {
        for answer in ["", "null", "{}", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#] {
            assert_eq!(kafka(answer), [Outcome::Done, Outcome::Done], "{answer}");
        }
    }

    #[test]
    fn kafka_records_are_named_by_partition_and_offset() {
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":{"topic-partition":"a-b-0","offset":6}}]}"#;
        assert_eq!(kafka(answer), [Outcome::FailedRecords(vec![6]), Outcome::Done]);
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":{"partition":"a-b-1","offset":5}}]}"#;
        assert_eq!(kafka(answer), [Outcome::Done, Outcome::FailedRecords(vec![5])]);
    }

    #[test]
    fn malformed_answers_fail_the_batch() {
        for answer in [
            "x",
            "7",
            r#""ok""#,
            r#"{"batchItemFailures":7}"#,
            r#"{"batchItemFailures":[{}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":{"topic-partition":"a-b-0"}}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":{"topic-partition":"a-b-0","offset":7}}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":{"topic-partition":"a-0","offset":5}}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":{"topic-partition":"a-b-2","offset":5}}]}"#,
        ] {
            assert_eq!(kafka(answer), [Outcome::Failed, Outcome::Failed], "{answer}");
        }
    }

    #[test]
    fn a_stream_fails_from_its_lowest_sequence_number() {
        let parts = [part(0, &[5, 6, 7])];
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":"s7"},{"itemIdentifier":"s6"}]}"#;
        assert_eq!(outcomes(answer.as_bytes(), &parts, Identifiers::Sequences), [Outcome::FailedFrom(6)]);
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":"s8"}]}"#;
        assert_eq!(outcomes(answer.as_bytes(), &parts, Identifiers::Sequences), [Outcome::Failed]);
    }
}

//! `whenever dead-letters show`: letters with their records.

use std::process::ExitCode;

use serde_json::{Value, json};
use whenever::{Letter, Record};

use super::{Found, Selection};
use crate::Outcome;
use crate::deployment::Deployment;
use crate::terminal::outln;

/// Prints everything that is known of each letter as JSON: an event or text as it is, other bytes as numbers.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    deployment: Deployment,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let Found { letterbox, letters, .. } = Found::new(&args.deployment, &args.selection).await?;
    if letters.is_empty() {
        outln!("no dead letters");
    }
    for letter in &letters {
        let record = letterbox.record(letter).await.map_err(|e| e.to_string())?;
        outln!("{:#}", json(letter, &record));
    }
    Ok(ExitCode::SUCCESS)
}

/// A letter with its record.
pub(super) fn json(letter: &Letter, record: &Record) -> Value {
    let headers: Vec<Value> = record.headers.iter().map(|(name, value)| json!({name: readable(value)})).collect();
    json!({
        "policy": letter.policy,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "recordTime": record.timestamp,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "parkedAt": letter.parked_at,
        "firstFailedAt": letter.first_failed_at,
        "lastFailedAt": letter.last_failed_at,
        "place": letter.place,
        "event": letter.event,
        "key": record.key.as_deref().map(readable),
        "headers": headers,
        "value": record.value.as_deref().map(readable),
    })
}

/// JSON as it is, other text as text, other bytes as numbers.
fn readable(bytes: &[u8]) -> Value {
    let object = serde_json::from_slice(bytes).ok().filter(Value::is_object);
    let text = || std::str::from_utf8(bytes).ok().map(Value::from);
    object.or_else(text).unwrap_or_else(|| bytes.into())
}

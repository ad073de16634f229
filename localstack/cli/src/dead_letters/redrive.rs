//! `whenever dead-letters redrive`: hands records to their policies again, as their triggers did.

use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};
use whenever::{Letter, Removal, kafka_event};

use super::list::table;
use super::{Found, Selection, key};
use crate::deployment::Deployment;
use crate::interrupt::Interrupt;
use crate::lambda::BatchAnswer;
use crate::pace::per_second;
use crate::progress::Progress;
use crate::terminal::{out, outln};
use crate::{Outcome, confirm, terminal};

/// Hands records to their policies again, one after another, oldest first: the same topic, partition, offset and bytes. A letter goes
/// once its policy has succeeded; a record that fails stays, and with it the later ones of its key. It can be interrupted and run again
/// at any time: what has happened already does not happen twice.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// At most so many a second
    #[arg(long, value_name = "PER_SECOND", value_parser = rate)]
    rate: Option<f64>,
    #[command(flatten)]
    confirm: confirm::Args,
    #[command(flatten)]
    deployment: Deployment,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let mut interrupt = Interrupt::new()?;
    let found = Found::new(&args.deployment, &args.selection).await?;
    let letters = &found.letters;
    if letters.is_empty() {
        outln!("no dead letters");
        return Ok(ExitCode::SUCCESS);
    }
    out!("{}", table(letters).draw("", terminal::stdout()));
    if !args.confirm.agreed(&format!("{} records are handed to their policies again", letters.len()))? {
        return Ok(ExitCode::SUCCESS);
    }
    let mut progress = Progress::new();
    let mut start = Instant::now();
    let mut stuck: HashSet<(&str, String)> = HashSet::new();
    let (mut redriven, mut skipped) = (0, 0);
    for letter in letters {
        let lane = (letter.policy.as_str(), key(letter));
        if stuck.contains(&lane) {
            skipped += 1;
            continue;
        }
        let stopped = tokio::select! {
            () = interrupt.wait() => true,
            () = sleep_until(start) => interrupt.came(),
        };
        if stopped {
            break;
        }
        start = Instant::now() + args.rate.map(|rate| Duration::from_secs_f64(1.0 / rate)).unwrap_or_default();
        match redrive(&found, letter).await {
            Ok(()) => redriven += 1,
            Err(why) => {
                progress.say(&format!("{} of {}: {why}", letter.name(), letter.policy));
                if letter.record.key.is_some() {
                    stuck.insert(lane);
                }
            }
        }
        progress.at(&format!("{redriven} of {} redriven", letters.len()));
    }
    progress.end();
    let left = letters.len() - redriven;
    let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} of them behind one that failed") };
    outln!("{redriven} redriven{}", if left == 0 { String::new() } else { format!(", {left} left{skipped}") });
    Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Once more through the policy; the letter goes only if that did not give the record up again.
async fn redrive(found: &Found, letter: &Letter) -> Result<(), String> {
    let record = found.letterbox.record(letter).await.map_err(|e| e.to_string())?;
    let of_stream = record.topic.ends_with("/stream");
    if found.deployment.is_relay(&letter.policy) && !of_stream {
        return Err("its broker refused it; once that takes it, `republish --key` emits it again".to_owned());
    }
    let event = if of_stream {
        // What the relay could not read, as it was.
        let record = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default());
        format!(r#"{{"Records":[{record}]}}"#)
    } else {
        kafka_event(std::slice::from_ref(&record)).to_string()
    };
    let answer = found.deployment.invoke(&letter.policy, Bytes::from(event)).await?;
    let BatchAnswer { batch_item_failures } =
        serde_json::from_slice(&answer).map_err(|e| format!("its answer was not understood: {e}"))?;
    if !batch_item_failures.is_empty() {
        return Err("it failed for now; the function's log says why".to_owned());
    }
    match found.letterbox.remove(letter, &found.all).await.map_err(|e| e.to_string())? {
        Removal::Gone | Removal::Changed(None) => Ok(()),
        Removal::Changed(Some(now)) => Err(format!("given up again: {}", now.reason)),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    per_second(text, "records", 1_000)
}

//! `whenever republish`: emits again what outboxes still hold.

mod outboxes;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use shop::invariants::TABLES;
use tokio::time::{Instant, sleep};
use whenever::item::Item;
use whenever::{Timestamp, stream_event};

use crate::deployment::{Deployment, Opened};
use crate::interrupt::Interrupt;
use crate::lambda::BatchAnswer;
use crate::pace::per_second;
use crate::progress::Progress;
use crate::table::{Side, Table};
use crate::terminal::{out, outln};
use crate::time::instant;
use crate::{Outcome, confirm, terminal};
use outboxes::{Outboxes, Place};

/// Items handed to the relay at a time: below the 6 MB of an invocation (AWS limit) where items have a few KB.
const BATCH: usize = 100;

/// How often a batch that the relay could not publish is tried again, after pauses that grow from a second.
const ATTEMPTS: u32 = 5;

/// Hands the items whose outboxes still hold events to their relay once more, as if they had just been written. For events that the
/// stream's 24 hours overtook, or that the broker has lost. Consumers take what they know already for duplicates, so it can run at any
/// time, while orders are placed, and again. An outbox holds the events of its item's last write; earlier ones are not there any more.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this table: orders, deliveries, inventories, accounts, coupons, catalog
    #[arg(long, value_name = "NAME", value_parser = table_name)]
    table: Option<&'static str>,
    /// Only events of this key, such as an order's id
    #[arg(long)]
    key: Option<String>,
    /// Only events of this time or later: 2026-01-31T12:00:00Z, or 90m, 2h, 3d for so long ago. What is older than seven days counts
    /// twice where it was counted before: the markers of what was handled are kept no longer
    #[arg(long, value_name = "TIME", value_parser = instant, default_value = "6d")]
    since: Timestamp,
    /// Only events before this time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Timestamp>,
    /// Go on where a run that was interrupted said it was
    #[arg(long, value_name = "TABLE:ITEM", value_parser = place)]
    resume: Option<Place>,
    /// At most so many items a second
    #[arg(long, value_name = "PER_SECOND", value_parser = rate)]
    rate: Option<f64>,
    #[command(flatten)]
    confirm: confirm::Args,
    #[command(flatten)]
    deployment: Deployment,
}

pub(crate) async fn run(args: Args) -> Outcome {
    if args.until.is_some_and(|until| args.since >= until) {
        return Err("nothing is between --since and --until; --since has to be earlier".to_owned());
    }
    let mut interrupt = Interrupt::new()?;
    let deployment = args.deployment.open().await?;
    let mut progress = Progress::new();
    let Some(found) = count(&args, &deployment, &mut progress, &mut interrupt).await? else {
        return Ok(ExitCode::FAILURE);
    };
    let items: usize = found.values().sum();
    if items == 0 {
        let key = args.key.as_ref().map(|key| format!(" of key {key:?}")).unwrap_or_default();
        outln!("no outbox holds an event{key} since {}", args.since);
        return Ok(if args.key.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    let mut table = Table::new(&[("table", Side::Left), ("items", Side::Right)]);
    found.iter().for_each(|(name, items)| table.row([(*name).into(), items.to_string().into()]));
    out!("{}", table.draw("", terminal::stdout()));
    if !args.confirm.agreed(&format!("the events in the outboxes of {items} items are published again"))? {
        return Ok(ExitCode::SUCCESS);
    }
    publish(&args, &deployment, items, &mut progress, &mut interrupt).await
}

/// How many items of each table are meant; `None` if that was interrupted.
async fn count(
    args: &Args,
    deployment: &Opened,
    progress: &mut Progress,
    interrupt: &mut Interrupt,
) -> Result<Option<BTreeMap<&'static str, usize>>, String> {
    let mut outboxes = Outboxes::new(deployment.store()?, args)?;
    let mut found = BTreeMap::new();
    while let Some((place, items)) = outboxes.next(BATCH).await? {
        if interrupt.came() {
            progress.end();
            return Ok(None);
        }
        *found.entry(place.table).or_default() += items.len();
        progress.at(&format!("{} items found", found.values().sum::<usize>()));
    }
    progress.end();
    Ok(Some(found))
}

async fn publish(
    args: &Args,
    deployment: &Opened,
    all: usize,
    progress: &mut Progress,
    interrupt: &mut Interrupt,
) -> Outcome {
    // A batch lasts no longer than a second at the wanted rate.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to BATCH")]
    let batch = args.rate.map_or(BATCH, |rate| rate.ceil().clamp(1.0, BATCH as f64) as usize);
    let mut outboxes = Outboxes::new(deployment.store()?, args)?;
    let mut done = 0;
    let mut last: Option<Place> = args.resume.clone();
    loop {
        let start = Instant::now();
        if interrupt.came() {
            progress.end();
            let place = last.map(|place| format!(" --resume {place}")).unwrap_or_default();
            outln!("{done} of {all} items republished; run it again, or go on with{place}");
            return Ok(ExitCode::FAILURE);
        }
        let Some((place, items)) = outboxes.next(batch).await? else { break };
        let relay = deployment.relay_of(place.table)?;
        if let Err(why) = hand_over(deployment, &relay, place.table, &items).await {
            progress.end();
            let place = last.map(|place| format!(" --resume {place}")).unwrap_or_default();
            return Err(format!("{relay} {why}; {done} of {all} items are republished; go on with{place}"));
        }
        done += items.len();
        last = Some(place);
        progress.at(&format!("{done} of {all} items republished"));
        if let Some(rate) = args.rate {
            let span = Duration::from_secs_f64(items.len() as f64 / rate);
            tokio::select! {
                () = interrupt.wait() => {}
                () = sleep(span.saturating_sub(start.elapsed())) => {}
            }
        }
    }
    progress.end();
    outln!("{done} items republished");
    Ok(ExitCode::SUCCESS)
}

/// Until the broker has acknowledged all of them.
async fn hand_over(deployment: &Opened, relay: &str, table: &str, items: &[Item]) -> Result<(), String> {
    let event = Bytes::from(stream_event(table, items).to_string());
    let mut attempt = 0;
    loop {
        let answer = deployment.invoke(relay, event.clone()).await;
        let problem = match answer.map(|answer| serde_json::from_slice::<BatchAnswer>(&answer)) {
            Ok(Ok(answer)) if answer.batch_item_failures.is_empty() => return Ok(()),
            Ok(Ok(_)) => "could not publish everything; its log says why".to_owned(),
            Ok(Err(why)) => format!("answered what was not understood: {why}"),
            Err(why) => why,
        };
        attempt += 1;
        if attempt == ATTEMPTS {
            return Err(problem);
        }
        sleep(Duration::from_secs(1 << attempt.min(4))).await;
    }
}

fn table_name(text: &str) -> Result<&'static str, String> {
    let found = TABLES.into_iter().find(|table| *table == text);
    found.ok_or_else(|| format!("there is no such table; there are {}", TABLES.join(", ")))
}

fn place(text: &str) -> Result<Place, String> {
    let parts = text.split_once(':').filter(|(_, pk)| !pk.is_empty());
    let (table, pk) = parts.ok_or("needs TABLE:ITEM, as the run that was interrupted said")?;
    Ok(Place { table: table_name(table)?, pk: pk.to_owned() })
}

fn rate(text: &str) -> Result<f64, String> {
    per_second(text, "items", 100_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_where_it_said_it_was() {
        let interrupted = Place { table: "orders", pk: "order#a:b".to_owned() };
        assert_eq!(place(&interrupted.to_string()), Ok(interrupted));
        for wrong in ["", "orders", "orders:", "carts:order#1"] {
            assert!(place(wrong).is_err(), "{wrong} was taken");
        }
    }
}

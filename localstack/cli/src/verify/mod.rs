//! `whenever verify`: whether stock, money, coupons and orders agree.

mod pass;
mod suspects;

use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};
use whenever::Timestamp;
use whenever::ports::Clock as _;

use crate::deployment::Deployment;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::terminal::{self, outln};
use crate::{Outcome, up};
use pass::Pass;
use suspects::{Suspect, Suspects};

/// Between two looks at all tables.
const PAUSE: Duration = Duration::from_secs(1);

/// What changes all the time is looked at for so many times the grace.
const PATIENCE: u32 = 3;

/// Reads all tables and says what does not agree, with the items concerned; ends with status 1 if anything is broken. It may run while
/// orders are placed: what does not agree is looked at again, and counts as broken only if none of its items has changed for the whole
/// grace. A function that stands still for longer than that leaves behind what looks broken, and is not done.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How long something must stay as it is before it counts as broken
    #[arg(long, value_name = "SECONDS", value_parser = up::seconds, default_value = "30")]
    grace: f64,
    /// What is broken as JSON, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    deployment: Deployment,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let mut interrupt = Interrupt::new()?;
    let store = args.deployment.open().await?.store()?;
    let grace = Duration::from_secs_f64(args.grace);
    let mut suspects = Suspects::default();
    let mut progress = Progress::new();
    let mut end = None;
    let items = loop {
        let pass = Pass::read(&store, overdue(grace)).await?;
        let items = pass.items;
        suspects.meet(pass, Instant::now());
        let moving = suspects.younger_than(grace);
        // From the first look on, however long that took: what is looked at once only is never judged.
        let end = *end.get_or_insert_with(|| Instant::now() + grace * PATIENCE);
        if moving == 0 || Instant::now() >= end {
            break items;
        }
        progress.at(&format!("{items} items, {moving} things to look at again"));
        tokio::select! {
            () = interrupt.wait() => {
                progress.end();
                return Err("interrupted; nothing is certain yet".to_owned());
            }
            () = sleep(PAUSE.min(grace)) => {}
        }
    };
    progress.end();
    let broken = suspects.at_least(grace);
    broken.iter().for_each(|suspect| show(suspect, args.json));
    let moving = suspects.younger_than(grace);
    if moving > 0 {
        eprintln!(
            "{moving} things could not be judged: they changed all the time; run it again when less is under way"
        );
    }
    match broken.len() {
        _ if args.json => {}
        0 if moving == 0 => outln!("{items} items, and all agree"),
        0 => outln!("{items} items; nothing is certain to be wrong"),
        count => outln!("{items} items; {count} things do not agree"),
    }
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An order may be PENDING until its deadline, and then for as long as anything else may take.
fn overdue(grace: Duration) -> Timestamp {
    let now = whenever::SystemClock.now();
    Timestamp::from_millis(now.millis().saturating_sub(i64::try_from(grace.as_millis()).unwrap_or(i64::MAX)))
}

fn show(suspect: &Suspect, as_json: bool) {
    let (says, items) = (&suspect.violation.says, suspect.items());
    if as_json {
        outln!("{}", json!({"broken": says, "items": items}));
    } else {
        outln!("{} {says}", terminal::stdout().red("broken:"));
        items.iter().for_each(|item| outln!("  {item}"));
    }
}

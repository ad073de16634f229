//! Segment after segment, and what there is to say about them.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use whenever::simulation::Faults;

use crate::args::Args;
use crate::deployment::Deployment;
use crate::segment::{Ran, Segment};
use crate::shrink::shrink;
use crate::verdict::Verdict;

/// What all segments have come to.
#[derive(Default)]
struct Total {
    orders: usize,
    segments: usize,
    lines: usize,
    placed: usize,
    rejected: usize,
    cancelled: usize,
    hash: u64,
}

/// Simulates until enough orders are placed or the time is over; stops at the first segment that fails.
///
/// # Errors
///
/// A line about what could not be read.
pub fn run(args: &Args) -> Result<ExitCode, String> {
    let deployment = Deployment::read()?;
    let first = args.seed.unwrap_or_else(new_seed);
    let faults = if args.no_faults { Faults::none() } else { Faults::all() };
    let segment = |seed: u64, orders: u64| Segment {
        seed,
        orders: usize::try_from(orders).unwrap_or(usize::MAX),
        faults: faults.clone(),
        sabotage: None,
    };
    let started = Instant::now();
    let mut total = Total::default();
    let known = args.seeds.as_deref().map(known_seeds).transpose()?.unwrap_or_default();
    for (seed, orders) in known {
        if let Some(failed) = total.add(&segment(seed, orders), &deployment, started)? {
            return failed;
        }
    }
    let before = total.orders;
    for seed in (0..).map(|offset| first.wrapping_add(offset)) {
        let orders = match args.seconds {
            Some(seconds) if started.elapsed() >= Duration::from_secs(seconds) => break,
            Some(_) => args.segment,
            None => args.segment.min(args.orders.saturating_sub((total.orders - before) as u64)),
        };
        if orders == 0 {
            break;
        }
        if let Some(failed) = total.add(&segment(seed, orders), &deployment, started)? {
            return failed;
        }
    }
    total.print(first, started.elapsed());
    Ok(ExitCode::SUCCESS)
}

impl Total {
    /// Runs one more segment; answers how to end if it fails.
    fn add(
        &mut self,
        segment: &Segment,
        deployment: &Deployment,
        started: Instant,
    ) -> Result<Option<Result<ExitCode, String>>, String> {
        let Ran { hash, lines, verdict, .. } = segment.run(deployment, false)?;
        if !verdict.violations.is_empty() {
            eprintln!();
            print_failure(segment, &verdict.violations, deployment)?;
            return Ok(Some(Ok(ExitCode::FAILURE)));
        }
        let Verdict { placed, rejected, cancelled, .. } = verdict;
        self.orders += segment.orders;
        self.segments += 1;
        self.lines += lines;
        self.placed += placed;
        self.rejected += rejected;
        self.cancelled += cancelled;
        self.hash = self.hash.rotate_left(1) ^ hash;
        let rate = self.rate(started.elapsed());
        // A progress line that cannot be written helps nobody.
        let _ = write!(std::io::stderr(), "\r{} orders, {rate} a second ", self.orders);
        Ok(None)
    }

    fn rate(&self, time: Duration) -> u128 {
        self.orders as u128 * 1_000 / time.as_millis().max(1)
    }

    fn print(&self, seed: u64, time: Duration) {
        eprintln!();
        let Total { orders, segments, lines, placed, rejected, cancelled, hash } = self;
        println!("{orders} orders in {segments} segments from seed {seed}: 0 violations");
        println!("{placed} placed, {rejected} rejected, {cancelled} cancelled; {lines} steps, hash {hash:016x}");
        println!("{:.1} s, {} orders a second", time.as_secs_f64(), self.rate(time));
    }
}

/// Says what was wrong, and shows the shortest run that goes wrong too.
fn print_failure(segment: &Segment, violations: &[String], deployment: &Deployment) -> Result<(), String> {
    println!("seed {} with {} orders fails:", segment.seed, segment.orders);
    for violation in violations.iter().take(10) {
        println!("  {violation}");
    }
    eprintln!("looking for a shorter one ...");
    let short = shrink(segment.clone(), deployment)?;
    let Ran { hash, faults, verdict, history, .. } = short.run(deployment, true)?;
    println!("shortest found: seed {} with {} orders, faults: {faults}; hash {hash:016x}", short.seed, short.orders);
    for violation in verdict.violations.iter().take(10) {
        println!("  {violation}");
    }
    for line in history {
        println!("{line}");
    }
    println!("again: cargo run -- simulate --seed {} --orders {1} --segment {1}", segment.seed, segment.orders);
    Ok(())
}

/// The segments of a file: a seed and a number of orders per line; what follows a # is for people.
fn known_seeds(path: &Path) -> Result<Vec<(u64, u64)>, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let lines = lines.enumerate().filter(|(_, line)| !line.is_empty());
    let read = |line: &str| {
        let (seed, orders) = line.split_once(' ')?;
        Some((seed.parse().ok()?, orders.trim().parse().ok()?))
    };
    lines
        .map(|(number, line)| {
            read(line)
                .ok_or_else(|| format!("{shown}:{}: write a seed and a number of orders, not {line:?}", number + 1))
        })
        .collect()
}

/// The time makes a seed that was not there before.
fn new_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs() * 1_000 + u64::from(now.subsec_millis())
}

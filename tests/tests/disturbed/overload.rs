//! More is asked for than the machine can do: every answer is an order or says when to come again, none takes long, memory stays
//! within bounds, and what was accepted is done, once.
//!
//! `WHENEVER_OVERLOAD_SECONDS` sets for how long that is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{join, join_all};
use serde_json::json;
use shop_tests::{Shop, Stage};
use tokio::time::{Instant, sleep, sleep_until};

use crate::wish;

/// Deadlines are out of reach: what is accepted is placed. So few are let in that any machine, however fast, refuses some.
static OVERLOADED: Stage = Stage::new(&[("DeadlineSeconds", "3600"), ("SweepIntervalSeconds", "1")])
    .apart("kept::runs_until_it_is_killed")
    .letting_in(48);

/// How long more is asked for without a wish.
const SECONDS: u64 = 6;
/// Who ask at first, each again when it is answered, and how many more until one is refused.
const CLIENTS: usize = 200;
const MOST_CLIENTS: usize = 1_000;
/// Who is refused comes again after this, ten times sooner than told.
const IMPATIENCE: Duration = Duration::from_millis(100);
/// No answer takes longer. Who waits has its turn within 15 s; API Gateway's limit for the whole is 30 s.
const SLOWEST: Duration = Duration::from_secs(25);
/// The most memory of the stack and all functions, built without optimisation.
const MOST_MIB: u64 = 1_024;
/// What there is of the product.
const STOCK: i64 = 1_000_000_000;

#[tokio::test]
async fn more_than_can_be_done_is_refused_in_time_and_what_was_accepted_is_done_once() {
    let seconds = wish("WHENEVER_OVERLOAD_SECONDS").unwrap_or(SECONDS);
    let shop = OVERLOADED.enter_alone().await;
    let product = shop.product(STOCK).await;
    let load = Load::new(&shop, &product, Duration::from_secs(seconds));
    let (answers, ()) = join(load.ask_all(), load.grow()).await;
    say(&told(&answers));

    let accepted: Vec<&str> = answers.iter().filter_map(|answer| answer.order.as_deref()).collect();
    let begun = Instant::now();
    shop.settle_within(Duration::from_secs(120 + accepted.len() as u64 / 5)).await;
    let mib = shop.peak_memory().await / 1_024;
    say(&format!("{} orders settled after {:.1?}, at most {mib} MiB", accepted.len(), begun.elapsed()));

    for answer in &answers {
        assert!(
            answer.order.is_some() || answer.told_when,
            "{answer:?} is no order and does not say when to come again"
        );
        assert!(answer.took < SLOWEST, "{answer:?} took too long");
    }
    assert!(!accepted.is_empty(), "nothing was accepted");
    assert!(load.refused.load(Ordering::Relaxed) > 0, "nothing was refused: {MOST_CLIENTS} clients are no overload");
    assert!(mib < MOST_MIB, "{mib} MiB");
    for order in &accepted {
        assert_eq!(shop.show(order).await["status"], "PLACED", "{order}");
    }
    // What was answered too late may have begun all the same; whoever was refused was told that nothing has.
    let unclear = answers.iter().filter(|answer| answer.order.is_none() && !answer.nothing_begun).count();
    let taken = usize::try_from(STOCK - shop.stock(&product).await).unwrap();
    assert!((accepted.len()..=accepted.len() + unclear).contains(&taken), "{taken} taken, {unclear} unclear");
    shop.leave().await;
}

/// Printed with `println!` it would be seen of tests that fail only.
fn say(line: &str) {
    writeln!(std::io::stderr(), "overload: {line}").unwrap();
}

/// An answer to an order.
#[derive(Debug)]
struct Answered {
    status: u16,
    took: Duration,
    /// The order that was accepted.
    order: Option<String>,
    /// A refusal that says when to come again.
    told_when: bool,
    /// A refusal that says that nothing has begun.
    nothing_begun: bool,
}

/// Clients who order.
struct Load<'s> {
    shop: &'s Shop,
    product: &'s str,
    end: Instant,
    /// How many of the clients ask.
    asking: AtomicUsize,
    refused: AtomicUsize,
}

impl<'s> Load<'s> {
    fn new(shop: &'s Shop, product: &'s str, time: Duration) -> Self {
        let (asking, refused) = (AtomicUsize::new(CLIENTS), AtomicUsize::new(0));
        Self { shop, product, end: Instant::now() + time, asking, refused }
    }

    /// All clients ask until the time is over; their answers.
    async fn ask_all(&self) -> Vec<Answered> {
        let client = async |number: usize| {
            let mut answers = Vec::new();
            while Instant::now() < self.end {
                let refused = number >= self.asking.load(Ordering::Relaxed) || {
                    let answer = self.ask().await;
                    let refused = answer.order.is_none();
                    answers.push(answer);
                    refused
                };
                if refused {
                    sleep(IMPATIENCE).await;
                }
            }
            answers
        };
        join_all((0..MOST_CLIENTS).map(client)).await.into_iter().flatten().collect()
    }

    async fn ask(&self) -> Answered {
        let begun = Instant::now();
        let answer = self.shop.post("/orders", &json!({"productId": self.product, "qty": 1})).await;
        let took = begun.elapsed();
        let order = (answer.status == 202).then(|| answer.json()["orderId"].as_str().map(str::to_owned)).flatten();
        if order.is_none() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        let told_when = [429, 503].contains(&answer.status) && answer.header("retry-after").parse::<u32>().is_ok();
        Answered {
            status: answer.status,
            took,
            order,
            told_when,
            nothing_begun: answer.text().contains("nothing has begun"),
        }
    }

    /// Lets more clients ask as long as none is refused.
    async fn grow(&self) {
        while Instant::now() < self.end && self.refused.load(Ordering::Relaxed) == 0 {
            sleep_until(self.end.min(Instant::now() + IMPATIENCE)).await;
            self.asking.fetch_add(CLIENTS / 4, Ordering::Relaxed);
        }
    }
}

/// How many answers there were of each status, and how long they took.
fn told(answers: &[Answered]) -> String {
    let mut by_status: BTreeMap<u16, Vec<Duration>> = BTreeMap::new();
    for answer in answers {
        by_status.entry(answer.status).or_default().push(answer.took);
    }
    let mut told = String::from("answers");
    for (status, mut took) in by_status {
        took.sort_unstable();
        let at = |hundredth: usize| took[(took.len() - 1) * hundredth / 100];
        let count = took.len();
        write!(told, ", {count} of {status} in {:.1?} / {:.1?} / {:.1?}", at(50), at(99), at(100)).unwrap();
    }
    told + " (p50 / p99 / max)"
}

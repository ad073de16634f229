//! The saga disturbed: functions that are slow, stopped, failing and killed, and deadlines that pass. A test has its stack
//! to itself while it runs. Each test carries the id of its scenario.

#![cfg(test)]

mod c10_poison;
mod c11_outbox;
mod c3_crash;
mod c5_deadline;
mod c5_race;
mod c5_sweep;
mod c6_scaling;
mod c9_coupons;
mod kept;
mod killed;
mod overload;

use shop_tests::Stage;

/// Deadlines are far away: whatever is disturbed, the order is placed in the end.
static PATIENT: Stage = Stage::new(&[("DeadlineSeconds", "60"), ("SweepIntervalSeconds", "1")]);

/// Deadlines pass soon.
static HASTY: Stage = Stage::new(&[("DeadlineSeconds", "3"), ("SweepIntervalSeconds", "0.3")]);

/// For the one test that has to wait for a function's timeout.
static FROZEN: Stage = Stage::new(&[("DeadlineSeconds", "60")]);

/// Records that keep failing are soon given up.
static IMPATIENT: Stage = Stage::new(&[("DeadlineSeconds", "60"), ("RetryAttempts", "2")]);

/// The same as the patient one, but later records of a partition do not wait for failed ones.
static LATER_FIRST: Stage = Stage::new(&[("DeadlineSeconds", "60"), ("SweepIntervalSeconds", "1")]).later_first();

/// The topic has two partitions.
static TWO_PARTITIONS: Stage =
    Stage::new(&[("DeadlineSeconds", "60"), ("SweepIntervalSeconds", "1"), ("OrderPartitions", "2")]);

/// What happens to an order that is placed.
const PLACED: [&str; 5] = ["OrderCreated", "DeliveryStarted", "StockDecreased", "PaymentCompleted", "OrderPlaced"];

/// What happens to an order whose deadline passes before anything was done for it.
const EXPIRED: [&str; 3] = ["OrderCreated", "DeadlineReached", "OrderRejected"];

/// A number that the environment sets.
fn wish(name: &str) -> Option<u64> {
    let wish = std::env::var(name).ok().filter(|wish| !wish.is_empty())?;
    Some(wish.parse().unwrap_or_else(|_| panic!("{name} is {wish}: it has to be a number")))
}

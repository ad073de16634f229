//! The broker that stages run on: the embedded one, or a given one that other tests and other people use too.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use whenever::SystemClock;
use whenever::ports::Clock as _;

/// The brokers of `KAFKA_BOOTSTRAP_SERVERS`, which take the embedded one's place.
#[must_use]
pub fn given() -> Option<String> {
    std::env::var("KAFKA_BOOTSTRAP_SERVERS").ok().filter(|brokers| !brokers.is_empty())
}

/// Whether there is a given broker, for a test that makes no sense on the embedded one. Says so if it is left out.
#[must_use]
pub fn is_given(test: &str) -> bool {
    let given = given().is_some();
    if !given {
        // Printed with `println!` it would be seen of tests that fail only.
        writeln!(std::io::stderr(), "{test}: left out, it needs a real broker in KAFKA_BOOTSTRAP_SERVERS").ok();
    }
    given
}

/// What topics and groups of one stack begin with, so that it shares them with no other.
#[must_use]
pub fn own_prefix() -> String {
    static STACKS: AtomicU64 = AtomicU64::new(1);
    let (run, stack) = (SystemClock.now().millis(), STACKS.fetch_add(1, Ordering::Relaxed));
    format!("whenever-test-{run}-{}-{stack}.", std::process::id())
}

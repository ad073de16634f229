//! Time and randomness.

use std::time::Duration;

use super::Pending;
use crate::Timestamp;

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// The present, UTC.
    fn now(&self) -> Timestamp;

    /// Comes back after `time`.
    fn sleep(&self, time: Duration) -> Pending<'_, ()>;
}

/// A source of random bytes: ids and jitter, nothing secret.
pub trait Entropy: Send + Sync {
    /// Ten random bytes, as many as a UUIDv7 takes.
    fn bytes(&self) -> [u8; 10];
}

/// A wait before attempt number `attempt` (1 is the first repetition): doubles from `first` up to `most`, of which half is random,
/// so that those who collided don't collide again.
pub(crate) fn backoff(entropy: &dyn Entropy, attempt: u32, first: Duration, most: Duration) -> Duration {
    let full = first.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(most);
    let [a, b, ..] = entropy.bytes();
    let share = f64::from(u16::from_be_bytes([a, b])) / f64::from(u16::MAX);
    full.mul_f64(0.5 + share / 2.0)
}

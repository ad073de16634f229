//! One invocation: what it may use, and for how long.

use std::time::Duration;

use crate::Timestamp;
use crate::ports::Platform;

/// Time kept free at an invocation's end to answer in.
const RESERVE: Duration = Duration::from_millis(500);

/// What one invocation of a function works with.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The outside world.
    pub platform: Platform,
    /// No attempt starts after this.
    pub until: Timestamp,
}

impl Invocation {
    /// An invocation that the platform ends at `deadline`.
    #[must_use]
    pub fn ending_at(platform: Platform, deadline: Timestamp) -> Self {
        let until =
            Timestamp::from_millis(deadline.millis().saturating_sub(i64::try_from(RESERVE.as_millis()).unwrap_or(0)));
        Invocation { platform, until }
    }
}

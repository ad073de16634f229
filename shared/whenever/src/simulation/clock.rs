//! A process's clock and randomness.

use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use super::faults::Fault;
use crate::Timestamp;
use crate::ports::{Clock, Entropy, Pending};

/// How far a clock may be off.
const SKEW: Duration = Duration::from_millis(1_500);

/// Simulated time, more or less.
pub(super) struct ProcessClock {
    core: Arc<Core>,
    /// Milliseconds that this clock is ahead.
    ahead: i64,
}

impl ProcessClock {
    pub(super) fn new(core: &Arc<Core>) -> Self {
        let mut ahead = 0;
        if core.strikes(Fault::Skew) {
            let most = u64::try_from(SKEW.as_millis()).unwrap_or(0);
            ahead = i64::try_from(core.random().below(2 * most)).unwrap_or(0) - i64::try_from(most).unwrap_or(0);
        }
        ProcessClock { core: core.clone(), ahead }
    }
}

impl Clock for ProcessClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.core.time().millis() + self.ahead)
    }

    fn sleep(&self, time: Duration) -> Pending<'_, ()> {
        Box::pin(self.core.sleep(time))
    }
}

/// Chance from the simulation's seed.
pub(super) struct SeededEntropy(pub(super) Arc<Core>);

impl Entropy for SeededEntropy {
    fn bytes(&self) -> [u8; 10] {
        let mut random = self.0.random();
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&random.bits().to_le_bytes());
        bytes[8..].copy_from_slice(&random.bits().to_le_bytes()[..2]);
        bytes
    }
}

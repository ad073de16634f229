//! Those who wait at the HTTP API for a function: each has its turn in the order in which they came, and nobody waits long.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::InvokeError;

/// For each process so many invocations: the one that it works on, and the one that is there when it is done.
const PER_PROCESS: usize = 2;

/// Who has not had its turn after this long is told to come again: half of what API Gateway gives a function to answer, so that the
/// function has the other half.
pub(super) const LONGEST: Duration = Duration::from_secs(15);

/// One function's line.
#[derive(Debug)]
pub(super) struct Line {
    turns: Semaphore,
    longest: Duration,
}

impl Line {
    /// For a function of so many processes; nobody waits longer than `longest`.
    pub(super) fn new(processes: usize, longest: Duration) -> Self {
        let turns = processes.max(1).saturating_mul(PER_PROCESS).min(Semaphore::MAX_PERMITS);
        Self { turns: Semaphore::new(turns), longest }
    }

    /// Waits for a turn, which lasts until it is dropped.
    ///
    /// # Errors
    ///
    /// [`InvokeError::Busy`] where that takes too long.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, InvokeError> {
        let turn = tokio::time::timeout(self.longest, self.turns.acquire()).await;
        // The semaphore is never closed.
        turn.ok().and_then(Result::ok).ok_or(InvokeError::Busy(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn each_has_its_turn_in_the_order_in_which_they_came() {
        let line = Line::new(1, LONGEST);
        let (first, second) = (line.turn().await.unwrap(), line.turn().await.unwrap());
        let (mut third, mut fourth) = (Box::pin(line.turn()), Box::pin(line.turn()));
        assert!((&mut third).now_or_never().is_none() && (&mut fourth).now_or_never().is_none());
        drop(first);
        assert!((&mut fourth).now_or_never().is_none());
        assert!(third.await.is_ok());
        drop(second);
        assert!(fourth.await.is_ok());
    }

    #[tokio::test]
    async fn who_has_waited_too_long_is_told_so() {
        let line = Line::new(1, Duration::ZERO);
        let turns = (line.turn().await.unwrap(), line.turn().await.unwrap());
        assert!(matches!(line.turn().await, Err(InvokeError::Busy(Duration::ZERO))));
        drop(turns);
        assert!(line.turn().await.is_ok());
    }
}

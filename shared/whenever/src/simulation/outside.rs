//! The simulated outside system: takes messages, is busy, loses answers, and remembers what it took.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::core::Core;
use super::faults::Fault;
use crate::ports::outside::{CallError, Request, Response};
use crate::ports::{Outside, Pending};

/// One way of a call.
const QUICK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(30));

/// The outside system, as all webhooks see it.
pub(super) struct SimulatedOutside {
    core: Arc<Core>,
    taken: Mutex<BTreeMap<String, usize>>,
}

impl SimulatedOutside {
    pub(super) fn new(core: Arc<Core>) -> Self {
        SimulatedOutside { core, taken: Mutex::default() }
    }

    /// How often each message was taken, by its idempotency key.
    pub(super) fn taken(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outside for SimulatedOutside {
    fn post(&self, request: Request, _within: Duration) -> Pending<'_, Result<Response, CallError>> {
        Box::pin(async move {
            let core = &self.core;
            core.pause(QUICK.0, QUICK.1).await;
            if core.strikes(Fault::Throttling) {
                return Ok(Response { status: 503, body: Vec::new() });
            }
            core.say(format_args!("the outside system takes {}", request.idempotency_key));
            *self.taken().entry(request.idempotency_key).or_default() += 1;
            core.pause(QUICK.0, QUICK.1).await;
            if core.strikes(Fault::LostAnswers) {
                return Err(CallError::Unavailable("the connection broke".to_owned()));
            }
            Ok(Response { status: 200, body: b"true".to_vec() })
        })
    }
}

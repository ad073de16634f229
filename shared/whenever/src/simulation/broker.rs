//! The simulated broker as producers see it: records are lost, late or there although nobody said so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::core::Core;
use super::faults::Fault;
use super::sabotage::Sabotage;
use super::timers::Due;
use crate::ports::{Broker, Message, Pending, PublishError};

/// One way of a call.
const QUICK: (Duration, Duration) = (Duration::from_micros(300), Duration::from_millis(5));

/// How much later a record that was given up may be there.
const LATE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(20));

/// A record that its producer has given up arrives all the same.
pub(super) fn publish_late(core: &Core, message: Message) {
    core.say(format_args!("a record that was given up arrives"));
    core.topics().append(core, message);
}

/// The broker, as all producers see it.
pub(super) struct SimulatedBroker {
    core: Arc<Core>,
    /// It cannot be reached before this.
    down_until: AtomicU64,
}

impl SimulatedBroker {
    pub(super) fn new(core: Arc<Core>) -> Self {
        SimulatedBroker { core, down_until: AtomicU64::new(0) }
    }

    /// Cannot be reached for a while.
    pub(super) fn fail_for(&self, time: Duration) {
        let until = self.core.now().saturating_add(u64::try_from(time.as_micros()).unwrap_or(0));
        self.core.say(format_args!("the broker is down for {} ms", time.as_millis()));
        self.down_until.store(until, Relaxed);
    }

    /// Hands the records over one by one. What follows a record that fails is not handed over, as an idempotent producer has it.
    fn hand_over(&self, mut messages: Vec<Message>) -> Vec<Result<(), PublishError>> {
        let core = &self.core;
        if matches!(core.sabotage, Some(Sabotage::OutboxOrder)) {
            messages.reverse();
        }
        let timed_out = || Err(PublishError::Unavailable("timed out".to_owned()));
        let mut failing = false;
        let mut answers = Vec::with_capacity(messages.len());
        for message in messages {
            if failing {
                answers.push(timed_out());
                continue;
            }
            failing = core.strikes(Fault::Throttling);
            if !failing || core.strikes(Fault::LostAnswers) {
                core.topics().append(core, message);
            } else if core.strikes(Fault::LateEffects) {
                let late = core.random().span(LATE.0, LATE.1);
                core.later(late, Due::Publish(message));
            }
            answers.push(if failing { timed_out() } else { Ok(()) });
        }
        answers
    }
}

impl Broker for SimulatedBroker {
    fn publish(&self, messages: Vec<Message>) -> Pending<'_, Vec<Result<(), PublishError>>> {
        Box::pin(async move {
            let core = &self.core;
            core.pause(QUICK.0, QUICK.1).await;
            if core.now() < self.down_until.load(Relaxed) && !core.is_calm() {
                let down = PublishError::Unavailable("the broker cannot be reached".to_owned());
                return messages.iter().map(|_| Err(down.clone())).collect();
            }
            let answers = self.hand_over(messages);
            core.pause(QUICK.0, QUICK.1).await;
            if core.strikes(Fault::LostAnswers) {
                core.say(format_args!("acknowledgements are lost"));
                let lost = PublishError::Unavailable("no acknowledgement in time".to_owned());
                return answers.into_iter().map(|_| Err(lost.clone())).collect();
            }
            answers
        })
    }
}

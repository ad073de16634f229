//! Given / when / then: tests of commands and policies without a table, a broker or a clock.
//!
//! What is emitted goes through the same outbox as in production, so a test sees whole envelopes.

use std::time::Duration;

use crate::command::{AggregateKey, Touches};
use crate::outbox::{Cause, outgoing};
use crate::{Aggregate, Command, Decision, Envelope, Event, Received, Refusal, Timestamp, World};

/// A small world to run commands in. Each `when` happens 10 ms after the one before.
#[derive(Debug)]
pub struct Scenario {
    world: World,
    now: Timestamp,
    steps: usize,
}

/// What one command led to.
#[derive(Debug)]
pub struct Then {
    /// Whether it was carried out.
    pub outcome: Result<(), Refusal>,
    /// What it emitted, sorted by time.
    pub events: Vec<Envelope>,
}

/// Starts with nothing, on 2026-01-01.
#[must_use]
pub fn given() -> Scenario {
    Scenario { world: World::new(), now: Timestamp::from_millis(1_767_225_600_000), steps: 0 }
}

/// An event as a policy would receive it, at `time`.
#[must_use]
pub fn received<E: Event>(time: Timestamp, data: E) -> Received<E> {
    Received { id: format!("{}-{}", E::TYPE, time.millis()), time, data }
}

impl Scenario {
    /// There is an `A` number `id` in this state.
    #[must_use]
    pub fn having<A: Aggregate>(mut self, id: &str, state: A) -> Self {
        self.world.admit(&Touches::new().load::<A>(id).0);
        self.world.assume(&AggregateKey::of::<A>(id), state);
        self
    }

    /// Time passes.
    pub fn wait(&mut self, time: Duration) -> &mut Self {
        self.now = self.now.plus(time);
        self
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Runs a command as the answer to a new cause.
    ///
    /// # Panics
    ///
    /// If it touches an aggregate of a table that it does not name.
    pub fn when<C: Command>(&mut self, command: C) -> Then {
        let (tables, touches) = (C::tables(), command.touches().0);
        let stranger = touches.iter().find(|touch| !tables.contains(touch.key.table));
        assert!(stranger.is_none(), "Command::tables does not name the table of {stranger:?}, which is touched");
        self.when_any(&command)
    }

    /// The same for a command whose type is not known.
    pub fn when_any(&mut self, command: &dyn Command) -> Then {
        self.steps += 1;
        self.now = self.now.plus(Duration::from_millis(10));
        self.world.admit(&command.touches().0);
        let cause = Cause { id: format!("cause-{}", self.steps), time: self.now, correlation: None, traceparent: None };
        let outcome = self.world.stage(command, &cause, self.now).map(|_| self.world.keep());
        Then { outcome, events: self.commit() }
    }

    /// `A` number `id` as it stands now.
    #[must_use]
    pub fn state<A: Aggregate>(&self, id: &str) -> Option<&A> {
        self.world.get::<A>(id)
    }

    /// Takes what was emitted out of the outboxes, and reads back what would have been written.
    #[expect(clippy::expect_used, reason = "a test kit: an aggregate that cannot be written must fail its test")]
    fn commit(&mut self) -> Vec<Envelope> {
        let mut events = Vec::new();
        let changed: Vec<AggregateKey> = self.world.changed().cloned().collect();
        let puts = self.world.puts().expect("the aggregates can be written");
        for (key, put) in changed.iter().zip(puts) {
            events.extend(outgoing(&put.item).expect("the outbox can be read"));
            self.world.fill(key, Some(put.item)).expect("the item can be read");
        }
        events.sort_by_key(|e| e.envelope.time);
        events.into_iter().map(|e| e.envelope).collect()
    }
}

impl Then {
    /// The types of what was emitted, in order.
    #[must_use]
    pub fn types(&self) -> Vec<&str> {
        self.events.iter().map(|e| e.event_type.as_str()).collect()
    }

    /// The one `E` that was emitted, as a policy would receive it.
    ///
    /// # Panics
    ///
    /// If there is none or more than one, or if its data does not fit `E`.
    #[must_use]
    #[expect(clippy::panic, reason = "a test kit: a missing event must fail its test")]
    pub fn event<E: Event>(&self) -> Received<E> {
        let mut found = self.events.iter().filter(|e| e.event_type == E::TYPE);
        match (found.next(), found.next()) {
            (Some(event), None) => match event.data::<E>() {
                Ok(data) => Received { id: event.id.clone(), time: event.time, data },
                Err(e) => panic!("{} was emitted, but {e}", E::TYPE),
            },
            _ => panic!("expected one {}, emitted were {:?}", E::TYPE, self.types()),
        }
    }
}

/// Asks one aggregate something, outside of any scenario; for tests of its transition function.
///
/// # Errors
///
/// What the transition refuses.
pub fn transition<A: Aggregate>(
    state: Option<&A>,
    command: A::Command,
    now: Timestamp,
) -> Result<(Option<A>, Vec<&'static str>), Refusal> {
    Ok(match A::transition(state, command, now)? {
        Decision::Unchanged => (state.cloned(), Vec::new()),
        Decision::Changed { state, events } => (Some(state), events.iter().map(crate::Emission::event_type).collect()),
    })
}

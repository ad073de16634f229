//! Policies: whenever these events happen, ask that of the aggregates.

mod runner;

use std::fmt;
use std::sync::Mutex;

use crate::listen::Handlers;
use crate::outbox::Cause;
use crate::recent::Recent;
use crate::{Command, Envelope, Event, Needs, Received};

/// How many markers a process remembers, about 100 bytes each.
const REMEMBERED: usize = 20_000;

/// One function's policy: the event types it listens to, and the command that each event becomes.
///
/// ```
/// # use whenever::{Ask, Aggregate, Decision, Event, Policy, Refusal, Timestamp};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Deserialize)] struct LightSwitched { lamp: String }
/// # impl Event for LightSwitched { const TYPE: &'static str = "LightSwitched"; const TOPIC: &'static str = "lamps"; }
/// # #[derive(Debug, Clone, Serialize, Deserialize)] struct Lamp { on: bool }
/// # impl Aggregate for Lamp {
/// #     const KIND: &'static str = "lamp"; const TABLE: &'static str = "lamps"; type Command = ();
/// #     fn transition(_: Option<&Self>, (): (), _: Timestamp) -> Result<Decision<Self>, Refusal> { Ok(Decision::silent(Lamp { on: true })) }
/// # }
/// let policy = Policy::named("light-lamp")
///     .whenever(|event: &whenever::Received<LightSwitched>| Ask::<Lamp>::existing(&event.lamp, ()));
/// ```
pub struct Policy {
    name: &'static str,
    handlers: Handlers<(Box<dyn Command>, Cause)>,
    needs: Needs,
    sequenced: bool,
    /// Markers of what this process has carried out.
    carried_out: Mutex<Recent>,
}

impl Policy {
    /// A policy that listens to nothing yet. Its name is the function's; parked records are found by it.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        let carried_out = Mutex::new(Recent::holding(REMEMBERED));
        Policy { name, handlers: Handlers::new(), needs: Needs::new().park(), sequenced: false, carried_out }
    }

    /// Whenever an `E` happens, carries out the command that `decide` makes of it.
    #[must_use]
    pub fn whenever<E: Event, C: Command + 'static>(
        mut self,
        decide: impl Fn(&Received<E>) -> C + Send + Sync + 'static,
    ) -> Self {
        self.handlers.add(move |event, envelope| (Box::new(decide(event)) as Box<dyn Command>, cause(envelope)));
        Policy { needs: self.needs.carry_out(&C::tables()), ..self }
    }

    /// From now on events of a key wait behind one that was parked: they are parked too, and go on in order once it is redriven or
    /// discarded. For effects that go wrong when an event before them is missing; it costs a read for each batch. Where a state
    /// machine, a number or a tombstone puts late events right, it only makes more wait than has to.
    #[must_use]
    pub fn sequenced(self) -> Self {
        Policy { sequenced: true, needs: self.needs.know_what_waits(), ..self }
    }

    /// The policy's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its role must allow.
    #[must_use]
    pub fn needs(&self) -> Needs {
        self.needs.clone()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.name)
            .field("whenever", &self.handlers.types())
            .finish_non_exhaustive()
    }
}

fn cause<D>(envelope: &Envelope<D>) -> Cause {
    Cause {
        id: envelope.id.clone(),
        time: envelope.time,
        correlation: Some(envelope.correlationid.clone()),
        traceparent: envelope.traceparent.clone(),
    }
}

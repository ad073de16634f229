//! Markers: effects that have no natural key, once per event all the same.

use std::marker::PhantomData;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::command::Touches;
use crate::{Aggregate, Command, Decision, Received, Refusal, Timestamp, World};

/// How long a marker is kept. What comes later still must do no harm: the state machine, not the marker, is the last line.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Carries `command` out once per event, however often the event is delivered: a marker `(policy, event id)` is written in the
/// transaction of the effect. `A` is an aggregate of the context whose table holds the marker.
///
/// Prefer a natural key where there is one ("the delivery of order 7"): it costs no item and never expires.
pub fn once<A: Aggregate, E, C: Command>(policy: &str, event: &Received<E>, command: C) -> OncePerEvent<A, C> {
    OncePerEvent { id: format!("{policy}#{}", event.id), command, context: PhantomData }
}

/// See [`once`].
#[derive(Debug, Clone)]
pub struct OncePerEvent<A, C> {
    id: String,
    command: C,
    context: PhantomData<fn() -> A>,
}

impl<A: Aggregate, C: Command> Command for OncePerEvent<A, C> {
    fn touches(&self) -> Touches {
        self.command.touches().create::<Marker<A>>(&self.id)
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        if world.get::<Marker<A>>(&self.id).is_some() {
            return Ok(());
        }
        self.command.execute(world)?;
        world.apply::<Marker<A>>(&self.id, ())
    }
}

/// Says that an event was handled.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound = "")]
struct Marker<A> {
    handled_at: Timestamp,
    #[serde(skip)]
    context: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Aggregate for Marker<A> {
    const KIND: &'static str = "handled";
    const TABLE: &'static str = A::TABLE;
    type Command = ();

    fn transition(_: Option<&Self>, (): (), now: Timestamp) -> Result<Decision<Self>, Refusal> {
        Ok(Decision::silent(Marker { handled_at: now, context: PhantomData }))
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.handled_at.plus(KEPT))
    }
}

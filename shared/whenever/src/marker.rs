//! Markers: effects that have no natural key, once per event all the same.

use std::marker::PhantomData;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::command::Touches;
use crate::item::{EXPIRES_AT, Item, PK, VERSION, expiry};
use crate::{Aggregate, Command, Decision, Received, Refusal, Tables, Timestamp, World};

const KIND: &str = "handled";

/// How long a marker is kept: as long as Kafka keeps records where nobody says otherwise. What comes later still is counted as new;
/// where that would do harm, the state machine must be the last line.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Carries `command` out once per event, however often the event is delivered: a marker `(policy, event id)` is written in the
/// transaction of the effect. `A` is an aggregate of the context whose table holds the marker. A policy remembers in memory what it
/// has carried out lately, so that an event that comes again to the same process costs no call.
///
/// Prefer a natural key where there is one ("the delivery of order 7"): it costs no item and never expires.
pub fn once<A: Aggregate, E, C: Command>(policy: &str, event: &Received<E>, command: C) -> OncePerEvent<A, C> {
    OncePerEvent { id: id(policy, &event.id), command, context: PhantomData }
}

/// The marker's id.
fn id(policy: &str, event: &str) -> String {
    format!("{policy}#{event}")
}

/// The partition key of the marker of an event that `policy` has handled.
pub(crate) fn pk(policy: &str, event: &str) -> String {
    format!("{KIND}#{}", id(policy, event))
}

/// The whole marker, for effects that no transaction can hold.
pub(crate) fn item(policy: &str, event: &str, now: Timestamp) -> Item {
    let mut item = Item::new();
    item.insert(PK.to_owned(), pk(policy, event).into());
    item.insert(VERSION.to_owned(), 1.into());
    item.insert("handledAt".to_owned(), now.to_string().into());
    item.insert(EXPIRES_AT.to_owned(), expiry(now.plus(KEPT)));
    item
}

/// See [`once`].
#[derive(Debug, Clone)]
pub struct OncePerEvent<A, C> {
    id: String,
    command: C,
    context: PhantomData<fn() -> A>,
}

impl<A: Aggregate, C: Command> Command for OncePerEvent<A, C> {
    fn tables() -> Tables {
        C::tables().and(Tables::of::<A>())
    }

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

    fn marker(&self) -> Option<&str> {
        Some(&self.id)
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
    const KIND: &'static str = KIND;
    const TABLE: &'static str = A::TABLE;
    type Command = ();

    fn transition(_: Option<&Self>, (): (), now: Timestamp) -> Result<Decision<Self>, Refusal> {
        Ok(Decision::silent(Marker { handled_at: now, context: PhantomData }))
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.handled_at.plus(KEPT))
    }
}

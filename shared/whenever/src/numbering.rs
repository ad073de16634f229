//! Numbers for what is created without an id.

use std::marker::PhantomData;

use crate::{Aggregate, Command, Decision, Refusal, Tables, Timestamp, Touches, World};
use serde::{Deserialize, Serialize};

/// An aggregate that may be created under the next free number; see [`crate::http::Call::create_numbered`].
pub trait Numbered: Aggregate {
    /// What is known of it before it has an id.
    type Draft: Clone + Send + Sync;

    /// The command that creates it under `number`.
    fn numbered(number: u64, draft: Self::Draft) -> Self::Command;
}

/// The last number that an `A` was given. One per kind, in the kind's table, under the kind's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Counter<A> {
    last: u64,
    #[serde(skip)]
    counts: PhantomData<fn() -> A>,
}

impl<A> Counter<A> {
    /// The number to try first; `counter` is what the table holds.
    #[must_use]
    pub fn next(counter: Option<&Self>) -> u64 {
        counter.map_or(0, |counter| counter.last).saturating_add(1)
    }
}

impl<A: Aggregate> Aggregate for Counter<A> {
    const KIND: &'static str = "counter";
    const TABLE: &'static str = A::TABLE;
    /// The number that was given.
    type Command = u64;

    fn transition(state: Option<&Self>, given: u64, _now: Timestamp) -> Result<Decision<Self>, Refusal> {
        let last = state.map_or(given, |counter| counter.last.max(given));
        Ok(Decision::silent(Counter { last, counts: PhantomData }))
    }
}

/// Creates an `A` under a number and remembers that number.
///
/// Refused as [`Refusal::Taken`] where somebody has chosen the number as an id already: the caller tries the next.
#[derive(Debug, Clone)]
pub struct CreateNumbered<A: Numbered> {
    number: u64,
    draft: A::Draft,
}

impl<A: Numbered> CreateNumbered<A> {
    /// Creates what `draft` says under `number`.
    #[must_use]
    pub fn new(number: u64, draft: A::Draft) -> Self {
        CreateNumbered { number, draft }
    }
}

impl<A: Numbered> Command for CreateNumbered<A> {
    fn tables() -> Tables {
        Tables::of::<A>()
    }

    fn touches(&self) -> Touches {
        Touches::new().create::<A>(self.number.to_string()).load::<Counter<A>>(A::KIND)
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        world.apply::<A>(&self.number.to_string(), A::numbered(self.number, self.draft.clone()))?;
        world.apply::<Counter<A>>(A::KIND, self.number)
    }
}

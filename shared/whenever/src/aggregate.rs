//! Aggregates: one item, one state machine, one transition function.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Emission, Timestamp};

/// One item with a state machine of its own. Its serde form is the item: field names are attribute names
/// and the public names of the HTTP API and of the events' data.
///
/// The names in [`crate::item::RESERVED`] belong to the framework.
pub trait Aggregate: Clone + fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it is: `order`. First part of the item's key, and of its events' ids.
    const KIND: &'static str;
    /// The bounded context's table. The variable `TABLE_TABLE` in upper case names it in a deployment: `ORDERS_TABLE`.
    const TABLE: &'static str;
    /// What may be asked of it.
    type Command;

    /// Answers what `command` does to `state` (`None`: there is no such item yet). The only way to change the aggregate.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where the state forbids the command. A duplicate is not refused: it answers [`Decision::Unchanged`].
    fn transition(state: Option<&Self>, command: Self::Command, now: Timestamp) -> Result<Decision<Self>, Refusal>;

    /// Until when it waits for something; the sweep ends it afterwards. `None` once it waits no more.
    fn due_at(&self) -> Option<Timestamp> {
        None
    }

    /// The list that it stands in, where many may be added to one list at a time: a sparse index whose partition key is
    /// [`crate::item::LIST_SHARD`] holds it, and [`crate::http::Call::listed`] reads it. `None` where it stands in none.
    fn listed_in(&self) -> Option<String> {
        None
    }

    /// When the table may delete the item.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}

/// What a transition answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision<A> {
    /// Nothing to do: it is so already, or it no longer matters.
    Unchanged,
    /// The item becomes `state`, and `events` have happened, in this order.
    Changed {
        /// The whole new state.
        state: A,
        /// The facts of this change.
        events: Vec<Emission>,
    },
}

impl<A> Decision<A> {
    /// A change that emits one event.
    #[must_use]
    pub fn emitting(state: A, event: Emission) -> Self {
        Decision::Changed { state, events: vec![event] }
    }

    /// A change that nobody hears of.
    #[must_use]
    pub fn silent(state: A) -> Self {
        Decision::Changed { state, events: Vec::new() }
    }
}

/// Why a command was not carried out. It can never succeed by being repeated, so a policy parks its event;
/// HTTP answers 404, 409, 409 and 500.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such aggregate.
    Missing(String),
    /// The id that it was to be created under belongs to another.
    Taken(String),
    /// Its state forbids the command.
    Forbidden(String),
    /// What can never be has been seen: a bug, or data that nobody but the shop may write was written.
    Broken(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Missing(what) => write!(f, "{what} does not exist"),
            Refusal::Taken(what) => write!(f, "{what} exists already"),
            Refusal::Forbidden(why) => f.write_str(why),
            Refusal::Broken(what) => write!(f, "broken invariant: {what}"),
        }
    }
}

impl std::error::Error for Refusal {}

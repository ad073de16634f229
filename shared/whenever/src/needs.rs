//! What a function needs of tables and topics: its role allows just that, and it can do nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::ports::broker::Publisher;
use crate::ports::store::StoreError;
use crate::{Aggregate, DEAD_LETTERS};

/// An action on a table that a role allows or not, as IAM names it. A transaction's puts need [`Action::PutItem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[expect(missing_docs, reason = "they are DynamoDB's own names")]
pub enum Action {
    BatchGetItem,
    BatchWriteItem,
    GetItem,
    PutItem,
    Query,
    Scan,
}

/// A context's table, or one of its indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The table, as [`Aggregate::TABLE`] names it.
    pub table: &'static str,
    /// The index; `None` for the table itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<&'static str>,
}

/// The tables of the aggregates that a command may touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables(BTreeSet<&'static str>);

impl Tables {
    /// The table of `A`.
    #[must_use]
    pub fn of<A: Aggregate>() -> Self {
        Tables(BTreeSet::from([A::TABLE]))
    }

    /// These tables and those of `others`.
    #[must_use]
    pub fn and(mut self, others: Tables) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Whether `table` is one of them.
    #[must_use]
    pub fn contains(&self, table: &str) -> bool {
        self.0.contains(table)
    }
}

/// What a function does to tables, and which topics it publishes to.
///
/// Policies, sweeps and all else that the framework runs know theirs from what is registered with them. An
/// [`http::Api`](crate::http::Api) is told: for each method of [`Call`](crate::http::Call) that reaches a table there is one here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    actions: BTreeMap<Place, BTreeSet<Action>>,
    topics: BTreeSet<&'static str>,
}

impl Needs {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// [`Call::read`](crate::http::Call::read) of `A`.
    #[must_use]
    pub fn read<A: Aggregate>(self) -> Self {
        self.table(A::TABLE, &[Action::GetItem])
    }

    /// [`Call::execute`](crate::http::Call::execute) and [`Call::create_numbered`](crate::http::Call::create_numbered) in the context of
    /// `A`. A command that reads several aggregates at once needs [`Needs::load`] as well.
    #[must_use]
    pub fn execute<A: Aggregate>(self) -> Self {
        self.table(A::TABLE, &[Action::GetItem, Action::PutItem])
    }

    /// [`Call::load`](crate::http::Call::load) from `table`.
    #[must_use]
    pub fn load(self, table: &'static str) -> Self {
        self.table(table, &[Action::GetItem, Action::BatchGetItem])
    }

    /// [`Call::all`](crate::http::Call::all) of `A`.
    #[must_use]
    pub fn all<A: Aggregate>(self) -> Self {
        self.table(A::TABLE, &[Action::Scan])
    }

    /// [`Call::page`](crate::http::Call::page) of a partition of `table`.
    #[must_use]
    pub fn page(self, table: &'static str) -> Self {
        self.table(table, &[Action::Query])
    }

    /// [`Call::page`](crate::http::Call::page) and [`Call::listed`](crate::http::Call::listed) in `index` of `table`.
    #[must_use]
    pub fn index(self, table: &'static str, index: &'static str) -> Self {
        self.place(Place { table, index: Some(index) }, &[Action::Query])
    }

    /// Publishing to the topics of `publisher`.
    pub(crate) fn publish(mut self, publisher: &Publisher) -> Self {
        self.topics.extend(publisher.topics());
        self
    }

    /// Parking records.
    pub(crate) fn park(self) -> Self {
        self.table(DEAD_LETTERS, &[Action::PutItem, Action::BatchWriteItem])
    }

    /// Asking which keys wait behind a letter.
    pub(crate) fn know_what_waits(self) -> Self {
        self.table(DEAD_LETTERS, &[Action::Query])
    }

    /// Carrying out batches of commands that touch `tables`: what is read is read at once, also what was taken for absent and is not.
    pub(crate) fn carry_out(self, tables: &Tables) -> Self {
        tables
            .0
            .iter()
            .fold(self, |needs, table| needs.table(table, &[Action::GetItem, Action::BatchGetItem, Action::PutItem]))
    }

    /// Looking for markers in `table`, and writing them.
    pub(crate) fn mark(self, table: &'static str) -> Self {
        self.carry_out(&Tables(BTreeSet::from([table])))
    }

    /// Writing the items of a read model to `table`.
    pub(crate) fn project(self, table: &'static str) -> Self {
        self.table(table, &[Action::BatchWriteItem])
    }

    fn table(self, table: &'static str, actions: &[Action]) -> Self {
        self.place(Place { table, index: None }, actions)
    }

    fn place(mut self, place: Place, actions: &[Action]) -> Self {
        self.actions.entry(place).or_default().extend(actions);
        self
    }

    /// Refuses what they do not include, as the function's role would.
    pub(crate) fn allow(&self, action: Action, place: Place) -> Result<(), StoreError> {
        if self.include(action, place) {
            return Ok(());
        }
        Err(StoreError::Rejected(format!(
            "dynamodb:{action:?} on {place} is not among the function's needs; add it to them and to its role"
        )))
    }

    /// Whether they include `action` there.
    #[must_use]
    pub fn include(&self, action: Action, place: Place) -> bool {
        self.actions.get(&place).is_some_and(|actions| actions.contains(&action))
    }

    /// The tables and indexes, with what is done there.
    pub fn places(&self) -> impl Iterator<Item = (Place, &BTreeSet<Action>)> {
        self.actions.iter().map(|(place, actions)| (*place, actions))
    }

    /// The topics that are published to.
    pub fn topics(&self) -> impl Iterator<Item = &'static str> {
        self.topics.iter().copied()
    }
}

/// The variable that names a context's table in a deployment: `ORDERS_TABLE`.
#[must_use]
pub fn table_variable(table: &str) -> String {
    format!("{}_TABLE", table.to_ascii_uppercase().replace('-', "_"))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "index {index} of table {}", self.table),
            None => write!(f, "table {}", self.table),
        }
    }
}

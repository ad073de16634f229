//! The table store: what a commit needs of DynamoDB, and what it relies on.

use std::fmt;

use super::Pending;
use crate::item::Item;

/// The most items that one transaction can carry (AWS limit).
pub const TRANSACTION_ITEMS: usize = 100;

/// An item of one table, by its whole key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemKey {
    /// The context's table, as [`crate::Aggregate::TABLE`] names it.
    pub table: &'static str,
    /// Partition key.
    pub pk: String,
}

/// A put with its condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Put {
    /// The context's table.
    pub table: &'static str,
    /// The whole new item, its key included.
    pub item: Item,
    /// What must hold for the put to happen.
    pub when: Condition,
}

/// What an item must be for a write to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// There is none with this key.
    Absent,
    /// It has this version.
    Version(u64),
    /// Whatever is there is replaced.
    Any,
}

/// One page of an index or a table, in key order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The items; of an index only what it projects.
    pub items: Vec<Item>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<Item>,
}

/// Which items of a partition or a table to read.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The context's table.
    pub table: &'static str,
    /// The index; `None` reads the table itself.
    pub index: Option<&'static str>,
    /// Attribute and value of the partition key; `None` reads all partitions (a scan).
    pub partition: Option<(&'static str, String)>,
    /// Attribute of the sort key, and a value that it must be less than.
    pub before: Option<(&'static str, String)>,
    /// Only items whose partition key starts so; filters after reading.
    pub kind: Option<&'static str>,
    /// Strongly consistent; tables only.
    pub consistent: bool,
    /// From the newest sort key backwards.
    pub descending: bool,
    /// The most items read for one page.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub start: Option<Item>,
}

/// A table store.
///
/// What the framework relies on: a write happens whole or not at all, its condition is judged against the item at
/// that instant, and the table's stream shows each write once, in order per item. A call that fails or is not
/// answered may have happened all the same; conditions make repeating it harmless.
pub trait Store: Send + Sync {
    /// The items of up to any number of keys, strongly consistent, in the order of `keys`.
    fn load<'a>(&'a self, keys: &'a [ItemKey]) -> Pending<'a, Result<Vec<Option<Item>>, StoreError>>;

    /// One conditional write.
    fn put(&self, put: Put) -> Pending<'_, Result<(), WriteError>>;

    /// All of up to [`TRANSACTION_ITEMS`] writes of different items, or none.
    fn transact(&self, puts: Vec<Put>) -> Pending<'_, Result<(), WriteError>>;

    /// Puts items without conditions, each for itself; for read models, whose items are the same whoever writes them.
    fn put_all(&self, table: &'static str, items: Vec<Item>) -> Pending<'_, Result<(), StoreError>>;

    /// One page.
    fn query(&self, query: Query) -> Pending<'_, Result<Page, StoreError>>;

    /// What the store has counted since the program started.
    fn usage(&self) -> Usage;
}

/// What calls to the store have cost, in DynamoDB's capacity units.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Write units, indexes included, transactions at their double price.
    pub write_units: f64,
    /// Read units.
    pub read_units: f64,
    /// Transactions.
    pub transactions: f64,
    /// Calls.
    pub calls: f64,
}

impl std::ops::Sub for Usage {
    type Output = Usage;

    fn sub(self, earlier: Usage) -> Usage {
        Usage {
            write_units: self.write_units - earlier.write_units,
            read_units: self.read_units - earlier.read_units,
            transactions: self.transactions - earlier.transactions,
            calls: self.calls - earlier.calls,
        }
    }
}

/// A call to the store failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// It may succeed later: throttled, unreachable, interrupted, refused credentials, not allowed.
    Unavailable(String),
    /// It cannot succeed: malformed request, item too large, none of the function's needs.
    Rejected(String),
}

/// A conditional write did not happen.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteError {
    /// Conditions did not hold. One entry per write: what its item is now (`Some(None)`: absent), or `None` where its condition held.
    Condition(Vec<Option<Option<Item>>>),
    /// Another transaction holds one of the items.
    Conflict,
    /// The call failed.
    Failed(StoreError),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Unavailable(why) => write!(f, "table store unavailable: {why}"),
            StoreError::Rejected(why) => write!(f, "table store rejected the call: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

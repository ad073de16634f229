//! The items whose outboxes hold what is to be published again, table after table.

use std::collections::VecDeque;
use std::fmt;

use serde_json::Value;
use shop::invariants::TABLES;
use whenever::item::{Item, OUTBOX, PK};
use whenever::ports::Store as _;
use whenever::ports::store::Query;
use whenever::{DynamoStore, Outgoing, outgoing};

use super::Args;

/// An item of a table: how far a run has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) table: &'static str,
    pub(super) pk: String,
}

/// Reads tables page by page, and keeps what is meant.
pub(super) struct Outboxes<'a> {
    store: DynamoStore,
    wanted: &'a Args,
    tables: VecDeque<&'static str>,
    /// Where the first table's next page starts.
    start: Option<Item>,
    /// What has been read of it and not been handed out.
    read: VecDeque<Item>,
}

impl<'a> Outboxes<'a> {
    pub(super) fn new(store: DynamoStore, wanted: &'a Args) -> Result<Self, String> {
        let mut tables: VecDeque<_> =
            TABLES.into_iter().filter(|table| wanted.table.is_none_or(|only| only == *table)).collect();
        let mut start = None;
        if let Some(place) = &wanted.resume {
            let at = tables.iter().position(|table| *table == place.table);
            let at = at.ok_or_else(|| format!("--resume names {}, which --table leaves out", place.table))?;
            tables.drain(..at);
            start = Some(Item::from_iter([(PK.to_owned(), place.pk.clone().into())]));
        }
        Ok(Self { store, wanted, tables, start, read: VecDeque::new() })
    }

    /// The next items that are meant, of one table, and the last one's place; `None` when there are no more.
    pub(super) async fn next(&mut self, most: usize) -> Result<Option<(Place, Vec<Item>)>, String> {
        while let Some(&table) = self.tables.front() {
            if !self.read.is_empty() {
                let items: Vec<Item> = self.read.drain(..most.min(self.read.len())).collect();
                let pk = items.last().map(pk).unwrap_or_default();
                if self.read.is_empty() && self.start.is_none() {
                    self.tables.pop_front();
                }
                return Ok(Some((Place { table, pk }, items)));
            }
            let query = Query { table, consistent: true, start: self.start.take(), ..Query::default() };
            let page = self.store.query(query).await.map_err(|e| e.to_string())?;
            self.read.extend(page.items.into_iter().filter(|item| means(self.wanted, item)));
            self.start = page.next;
            if self.start.is_none() && self.read.is_empty() {
                self.tables.pop_front();
            }
        }
        Ok(None)
    }
}

/// Whether any of its events is meant. What cannot be read is handed over too: the relay parks it and says why.
fn means(wanted: &Args, item: &Item) -> bool {
    if !item.contains_key(OUTBOX) {
        return false;
    }
    let meant = |event: &Outgoing| {
        let event = &event.envelope;
        let key = wanted.key.as_ref().is_none_or(|key| *key == event.partitionkey || *key == event.subject);
        key && event.time >= wanted.since && wanted.until.is_none_or(|until| event.time < until)
    };
    outgoing(item).map_or(wanted.key.is_none(), |events| events.iter().any(meant))
}

fn pk(item: &Item) -> String {
    item.get(PK).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.table, self.pk)
    }
}

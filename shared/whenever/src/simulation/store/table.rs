//! One table: its items, its indexes, its stream.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::index::{Entries, Index};
use super::stream::Shards;
use super::text;
use crate::item::{DUE_SHARD, Item, PK, SK};
use crate::ports::store::{Page, Query, StoreError};

/// A table as its template describes it.
#[derive(Debug, Clone)]
pub struct Table {
    /// The context's name for it, as [`crate::Aggregate::TABLE`] says it.
    pub name: &'static str,
    /// Its global secondary indexes.
    pub indexes: Vec<Index>,
    /// Whether it has a stream.
    pub streamed: bool,
}

/// A table with what it holds.
pub(in crate::simulation) struct Contents {
    items: BTreeMap<String, BTreeMap<String, Arc<Item>>>,
    /// How many of them wait for a deadline.
    pub(in crate::simulation) waiting: usize,
    indexes: Vec<Entries>,
    /// Items of transactions that are under way.
    locked: HashSet<String, BuildHasherDefault<DefaultHasher>>,
    pub(in crate::simulation) stream: Option<Shards>,
}

impl Contents {
    pub(super) fn new(table: Table) -> Self {
        Contents {
            items: BTreeMap::new(),
            waiting: 0,
            indexes: table.indexes.into_iter().map(Entries::new).collect(),
            locked: HashSet::default(),
            stream: table.streamed.then(Shards::default),
        }
    }

    pub(super) fn get(&self, pk: &str, sk: &str) -> Option<&Arc<Item>> {
        self.items.get(pk)?.get(sk)
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.items.values().flat_map(BTreeMap::values)
    }

    pub(super) fn is_locked(&self, pk: &str) -> bool {
        self.locked.contains(pk)
    }

    pub(super) fn lock(&mut self, pk: &str, locked: bool) {
        if locked {
            self.locked.insert(pk.to_owned());
        } else {
            self.locked.remove(pk);
        }
    }

    pub(super) fn put(&mut self, item: Arc<Item>, now: u64, index_lag: Duration, stream_lag: Duration) {
        let (pk, sk) = (text(&item, PK), text(&item, SK));
        for index in &mut self.indexes {
            index.change(pk, &item, now, index_lag);
        }
        if let Some(stream) = &mut self.stream {
            stream.append(pk, item.clone(), now, stream_lag);
        }
        self.waiting += usize::from(item.contains_key(DUE_SHARD));
        let (pk, sk) = (pk.to_owned(), sk.to_owned());
        let before = self.items.entry(pk).or_default().insert(sk, item);
        self.waiting -= usize::from(before.is_some_and(|before| before.contains_key(DUE_SHARD)));
    }

    /// A page of the table itself, or of one of its indexes as it shows itself now.
    pub(super) fn query(&mut self, query: &Query, now: u64) -> Result<Page, StoreError> {
        let limit = query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        if let Some(name) = query.index {
            let index = self.indexes.iter_mut().find(|index| index.definition.name == name);
            let index = index.ok_or_else(|| StoreError::Rejected(format!("there is no index {name}")))?;
            return Ok(index.page(query, limit, now));
        }
        let after = query.start.as_ref().map(|start| (text(start, PK), text(start, SK)));
        let from = |pk: &str| match &after {
            Some((start, sk)) if *start == pk => Bound::Excluded((*sk).to_owned()),
            _ => Bound::Unbounded,
        };
        let first = match (&query.partition, &after) {
            (Some((_, pk)), _) => Bound::Included(pk.clone()),
            (None, Some((pk, _))) => Bound::Included((*pk).to_owned()),
            (None, None) => Bound::Unbounded,
        };
        let partitions = self.items.range((first, Bound::Unbounded));
        let partitions = partitions.take_while(|(pk, _)| query.partition.as_ref().is_none_or(|(_, only)| only == *pk));
        let mut found =
            partitions.flat_map(|(pk, items)| items.range((from(pk), Bound::Unbounded)).map(|(_, item)| item));
        let read: Vec<&Arc<Item>> = found.by_ref().take(limit).collect();
        let next = found.next().and(read.last()).map(|last| key(last));
        let kind = query.kind.map(|kind| format!("{kind}#")).unwrap_or_default();
        let shown = read.into_iter().filter(|item| text(item, PK).starts_with(&kind));
        Ok(Page { items: shown.map(|item| Item::clone(item)).collect(), next })
    }
}

/// Where a page ends.
fn key(item: &Item) -> Item {
    [PK, SK].into_iter().filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect()
}

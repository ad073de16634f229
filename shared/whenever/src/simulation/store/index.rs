//! A global secondary index. It shows what its table was some time ago.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::text;
use crate::item::{Item, PK};
use crate::ports::store::{Page, Query};

/// A global secondary index that projects keys only.
#[derive(Debug, Clone)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The attribute of its partition key; an item without it is not in the index.
    pub partition: String,
    /// The attribute of its sort key.
    pub sort: Option<String>,
}

/// An index with what it shows.
pub(super) struct Entries {
    pub(super) definition: Index,
    shown: BTreeMap<Place, ()>,
    /// Where each item stands.
    places: BTreeMap<String, Place>,
    /// Changes that do not show yet, in the order of the writes.
    hidden: VecDeque<(u64, String, Option<Place>)>,
}

/// Partition, sort key, partition key of the table.
type Place = (String, String, String);

impl Entries {
    pub(super) fn new(definition: Index) -> Self {
        Entries { definition, shown: BTreeMap::new(), places: BTreeMap::new(), hidden: VecDeque::new() }
    }

    /// Takes a write in, to be shown after `lag`.
    pub(super) fn change(&mut self, pk: &str, item: &Arc<Item>, now: u64, lag: Duration) {
        let sort = self.definition.sort.as_deref();
        let in_it = item.contains_key(&self.definition.partition) && sort.is_none_or(|sort| item.contains_key(sort));
        if !in_it && !self.places.contains_key(pk) && !self.hidden.iter().any(|(_, hidden, _)| hidden == pk) {
            return;
        }
        let place = in_it.then(|| {
            let sort = sort.map(|sort| text(item, sort)).unwrap_or_default();
            (text(item, &self.definition.partition).to_owned(), sort.to_owned(), pk.to_owned())
        });
        let last = self.hidden.back().map_or(0, |(at, ..)| *at);
        let at = now.saturating_add(u64::try_from(lag.as_micros()).unwrap_or(0)).max(last);
        self.hidden.push_back((at, pk.to_owned(), place));
        self.show(now);
    }

    fn show(&mut self, now: u64) {
        while self.hidden.front().is_some_and(|(at, ..)| *at <= now) {
            let Some((_, pk, place)) = self.hidden.pop_front() else { return };
            let before = match &place {
                Some(place) => self.places.insert(pk, place.clone()),
                None => self.places.remove(&pk),
            };
            if let Some(before) = before {
                self.shown.remove(&before);
            }
            self.shown.extend(place.map(|place| (place, ())));
        }
    }

    pub(super) fn page(&mut self, query: &Query, limit: usize, now: u64) -> Page {
        self.show(now);
        let wanted = query.partition.as_ref().map(|(_, value)| value.as_str()).unwrap_or_default();
        let before = query.before.as_ref().map(|(_, value)| value.as_str());
        let start = query.start.as_ref().map(|start| self.place(start));
        let mut found: Vec<&Place> = self
            .shown
            .range((wanted.to_owned(), String::new(), String::new())..)
            .map(|(place, ())| place)
            .take_while(|(partition, sort, _)| {
                partition == wanted && before.is_none_or(|before| sort.as_str() < before)
            })
            .collect();
        if query.descending {
            found.reverse();
        }
        let ahead =
            |place: &&Place| start.as_ref().is_none_or(|start| (*place > start) != query.descending && *place != start);
        let rest: Vec<&Place> = found.into_iter().filter(ahead).collect();
        let items: Vec<Item> = rest.iter().take(limit).map(|place| self.projected(place)).collect();
        let next = if rest.len() > items.len() { items.last().cloned() } else { None };
        Page { items, next }
    }

    fn projected(&self, (partition, sort, pk): &Place) -> Item {
        let mut item = Item::new();
        item.insert(PK.to_owned(), pk.as_str().into());
        item.insert(self.definition.partition.clone(), partition.as_str().into());
        if let Some(name) = &self.definition.sort {
            item.insert(name.clone(), sort.as_str().into());
        }
        item
    }

    fn place(&self, item: &Item) -> Place {
        let sort = self.definition.sort.as_deref().map(|sort| text(item, sort)).unwrap_or_default();
        (text(item, &self.definition.partition).to_owned(), sort.to_owned(), text(item, PK).to_owned())
    }
}

//! Handing a stream's records to the triggers on it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use super::record::{Arrival, Feed, LaneId, Record, SourceId};
use crate::template::Filter;

/// The lowest position in a stream.
pub(super) const FIRST: i64 = 1;

/// A trigger on a stream.
pub(super) struct Route {
    pub(super) filter: Filter,
    /// `ParallelizationFactor`.
    pub(super) parallel: u32,
    /// The trigger starts with the oldest record; a stream is read as its earliest trigger asks.
    pub(super) from_start: bool,
    /// Where an earlier run has stopped.
    pub(super) from: i64,
    pub(super) feed: UnboundedSender<Feed>,
}

/// The triggers on one stream.
pub(super) struct Routes(pub(super) Vec<Route>);

/// A record that was read, and the key of its item.
pub(super) struct Read {
    pub(super) record: Arc<Record>,
    /// In DynamoDB's JSON, its attributes in any order.
    pub(super) keys: String,
}

impl Routes {
    /// Tells all from where on a shard is read for them.
    pub(super) fn assign(&self, shard: SourceId) {
        self.send(|route| Feed::Assigned(vec![(shard, route.from)]));
    }

    /// The lowest position that any of them needs.
    pub(super) fn from(&self) -> i64 {
        self.0.iter().map(|route| route.from).min().unwrap_or(FIRST)
    }

    /// Hands records on, each to the triggers that let it through.
    pub(super) fn hand_on(&self, shard: SourceId, records: &[Read]) {
        let filtered = self.0.iter().any(|route| !route.filter.is_empty());
        let parse = |read: &Read| serde_json::from_str(&read.record.json).unwrap_or_default();
        let values: Vec<Value> = if filtered { records.iter().map(parse).collect() } else { Vec::new() };
        self.send(|route| {
            let arrival = |(index, read): (usize, &Read)| {
                let passes = route.filter.is_empty() || values.get(index).is_some_and(|v| route.filter.matches(v));
                Arrival {
                    lane: LaneId { source: shard, part: part(&read.keys, route.parallel) },
                    position: read.record.position,
                    record: passes.then(|| Arc::clone(&read.record)),
                }
            };
            let needed = records.iter().enumerate().filter(|(_, read)| read.record.position >= route.from);
            Feed::Arrived(needed.map(arrival).collect())
        });
    }

    fn send(&self, feed: impl Fn(&Route) -> Feed) {
        for route in &self.0 {
            // A trigger whose poller has ended needs nothing any more.
            drop(route.feed.send(feed(route)));
        }
    }
}

/// The part of a shard that keeps the order of an item's records.
fn part(keys: &str, parallel: u32) -> u32 {
    if parallel < 2 {
        return 0;
    }
    // Parsed, the key's attributes are sorted.
    let keys: Value = serde_json::from_str(keys).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    keys.to_string().hash(&mut hasher);
    u32::try_from(hasher.finish() % u64::from(parallel)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_keeps_to_one_part_however_its_key_is_written() {
        let key = |n: u32| format!(r#"{{"a":{{"S":"{n}"}},"b":{{"N":"1"}}}}"#);
        let parts: Vec<u32> = (0..100).map(|n| part(&key(n), 4)).collect();
        assert!((0..4).all(|wanted| parts.contains(&wanted)));
        assert_eq!(parts[7], part(r#"{"b":{"N":"1"},"a":{"S":"7"}}"#, 4));
        assert_eq!(part("{}", 1), 0);
    }
}

//! Handing a stream's records to a trigger on it.

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
    /// The trigger starts with the oldest record.
    pub(super) from_start: bool,
    /// Where an earlier run has stopped.
    pub(super) from: i64,
    pub(super) feed: UnboundedSender<Feed>,
}

/// A record that was read, and the key of its item.
pub(super) struct Read {
    pub(super) record: Record,
    /// In DynamoDB's JSON, its attributes in any order.
    pub(super) keys: String,
}

impl Route {
    /// Tells the trigger from where on a shard is read for it.
    pub(super) fn assign(&self, shard: SourceId) {
        self.send(Feed::Assigned(vec![(shard, self.from)]));
    }

    /// Hands records on, in their order.
    pub(super) fn hand_on(&self, shard: SourceId, records: Vec<Read>) {
        let arrival = |Read { record, keys }: Read| {
            let matches = || self.filter.matches(&serde_json::from_str::<Value>(&record.json).unwrap_or_default());
            let passes = self.filter.is_empty() || matches();
            let lane = LaneId { source: shard, part: part(&keys, self.parallel) };
            Arrival { lane, position: record.position, record: passes.then(|| Arc::new(record)) }
        };
        self.send(Feed::Arrived(records.into_iter().map(arrival).collect()));
    }

    fn send(&self, feed: Feed) {
        // A trigger whose poller has ended needs nothing any more.
        drop(self.feed.send(feed));
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

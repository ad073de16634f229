//! Whether each aggregate's events came in the order of its writes.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::core::Core;
use super::topics::Stored;
use crate::Timestamp;
use crate::item::{EVENT_AT, PK};

/// Looks at all partitions of all topics. Only what is new counts: what has come before may come again, on another partition too where
/// the topic has grown. An event that no item's outbox held has no place among others.
pub(super) fn violations(core: &Core) -> Vec<String> {
    let emitting: HashSet<String> = {
        let tables = core.tables();
        let emitting = tables.items().filter(|(_, item)| item.contains_key(EVENT_AT));
        emitting.filter_map(|(_, item)| item.get(PK)?.as_str().map(str::to_owned)).collect()
    };
    let topics = core.topics();
    let partitions: Vec<Vec<Told<'_>>> = topics.each().map(|records| records.filter_map(event).collect()).collect();
    let mut first: HashMap<&str, u64> = HashMap::new();
    for Told { id, at, .. } in partitions.iter().flatten() {
        first.entry(id).and_modify(|first| *first = (*first).min(*at)).or_insert(*at);
    }
    let mut found = Vec::new();
    for events in &partitions {
        let mut latest: HashMap<&str, Timestamp> = HashMap::new();
        for Told { id, aggregate, time, at } in events {
            // No second one comes before it has been counted.
            let new = first.get(id) == Some(at) && first.remove(id).is_some();
            if !new || !emitting.contains(aggregate) {
                continue;
            }
            let before = latest.insert(aggregate, *time);
            if before.is_some_and(|before| *time < before) {
                found.push(format!("event {id} of {aggregate} is published after a later one of it"));
            }
        }
    }
    found
}

/// What an event says of itself.
struct Told<'a> {
    id: &'a str,
    /// Whose it is, as its item's key says it.
    aggregate: String,
    /// When it happened.
    time: Timestamp,
    /// When its record arrived.
    at: u64,
}

fn event(stored: &Stored) -> Option<Told<'_>> {
    let event = stored.seen.as_ref()?.get("value")?;
    let field = |name: &str| event.get(name).and_then(Value::as_str);
    let kind = field("source")?.strip_prefix('/')?;
    let aggregate = format!("{kind}#{}", field("subject")?);
    Some(Told { id: field("id")?, aggregate, time: field("time")?.parse().ok()?, at: stored.at })
}

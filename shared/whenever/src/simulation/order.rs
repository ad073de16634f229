//! Whether each aggregate's events came in the order of its writes.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::core::Core;
use super::topics::Stored;
use crate::Timestamp;
use crate::item::{EVENT_AT, PK};

/// Looks at all partitions of all topics. Only what is new counts: what has come before may come again. An event that no item's
/// outbox held has no place among others.
pub(super) fn violations(core: &Core) -> Vec<String> {
    let emitting: HashSet<String> = {
        let tables = core.tables();
        let emitting = tables.items().filter(|(_, item)| item.contains_key(EVENT_AT));
        emitting.filter_map(|(_, item)| item.get(PK)?.as_str().map(str::to_owned)).collect()
    };
    let topics = core.topics();
    let mut found = Vec::new();
    for records in topics.each() {
        let mut latest: HashMap<String, Timestamp> = HashMap::new();
        let mut ids = HashSet::new();
        for (id, aggregate, time) in records.filter_map(|stored| event(stored)) {
            if !emitting.contains(&aggregate) || !ids.insert(id) {
                continue;
            }
            let before = latest.insert(aggregate.clone(), time);
            if before.is_some_and(|before| time < before) {
                found.push(format!("event {id} of {aggregate} is published after a later one of it"));
            }
        }
    }
    found
}

/// An event's id, whose it is, and when it happened.
fn event(stored: &Stored) -> Option<(&str, String, Timestamp)> {
    let event = stored.seen.as_ref()?.get("value")?;
    let field = |name: &str| event.get(name).and_then(Value::as_str);
    let kind = field("source")?.strip_prefix('/')?;
    Some((field("id")?, format!("{kind}#{}", field("subject")?), field("time")?.parse().ok()?))
}

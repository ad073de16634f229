//! What must hold once everything has settled.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::Value;
use shop::invariants::{Snapshot, count_violations, history_violations};
use shop::order::{Order, OrderCancelled, OrderPlaced, Status};
use shop::{CATALOG_EVENTS, COUPON_EVENTS, ORDER_EVENTS, data_platform};
use whenever::item::{Item, PK, SK};
use whenever::simulation::Simulation;
use whenever::{Aggregate, DEAD_LETTERS, Envelope, Event};

use crate::deployment::TIMELINE;

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// One sentence for everything that is not as it must be.
    pub(crate) violations: Vec<String>,
    /// How many orders ended so.
    pub(crate) placed: usize,
    pub(crate) rejected: usize,
    pub(crate) cancelled: usize,
}

/// Looks at everything.
pub(crate) fn judge(
    simulation: &Simulation,
    accepted: &BTreeSet<String>,
    poison: &BTreeMap<String, String>,
) -> Verdict {
    let mut found = simulation.history().violations().to_vec();
    let (mut shop, mut orders, mut timeline, mut letters) =
        (Snapshot::default(), BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let mut add = |item: &Item| {
        let unreadable = shop.add(item).err();
        found.extend(unreadable.map(|unreadable| unreadable.to_string()));
    };
    for (table, item) in simulation.items() {
        match table {
            Order::TABLE => {
                orders.insert(after_last(&item, PK, '#'));
                add(&item);
            }
            TIMELINE => drop(timeline.insert(after_last(&item, SK, '#'))),
            DEAD_LETTERS if item.contains_key("reason") => {
                drop(letters.insert(after_last(&item, SK, '/'), item.clone()))
            }
            // What keeps a sequenced policy's later events behind a letter.
            DEAD_LETTERS => {}
            data_platform::TABLE => {}
            _ => add(&item),
        }
    }
    found.extend(shop.violations());
    found.extend(accepted.difference(&orders).map(|id| format!("order {id} was accepted, and there is no such order")));
    let nonsense: HashSet<&str> = poison.values().map(String::as_str).collect();
    let events = |topic: &str| {
        let mut events = simulation.events(topic);
        events.retain(|event| !nonsense.contains(event.id.as_str()));
        events
    };
    let of_orders = events(ORDER_EVENTS);
    found.extend(history_violations(&shop.orders, &of_orders));
    found.extend(timeline_violations(&of_orders, &timeline));
    found.extend(letter_violations(&letters, poison));
    found.extend(told_violations(&of_orders, &simulation.told()));
    found.extend(count_violations(&shop.metrics, &events(CATALOG_EVENTS)));
    found.extend(history_violations(&[], &events(COUPON_EVENTS)));
    let ended = |status: Status| shop.orders.iter().filter(|order| order.status() == status).count();
    Verdict {
        violations: found,
        placed: ended(Status::Placed),
        rejected: ended(Status::Rejected),
        cancelled: ended(Status::Cancelled),
    }
}

fn after_last(item: &Arc<Item>, name: &str, mark: char) -> String {
    let text = item.get(name).and_then(Value::as_str).unwrap_or_default();
    text.rsplit(mark).next().unwrap_or_default().to_owned()
}

/// The timeline holds every event of an order.
fn timeline_violations(events: &[Envelope], timeline: &BTreeSet<String>) -> Vec<String> {
    let missing = events.iter().filter(|event| !timeline.contains(&event.id));
    missing.map(|event| format!("event {} of order {} is not in its timeline", event.id, event.correlationid)).collect()
}

/// Parked is what can never succeed, all of it and nothing else.
fn letter_violations(letters: &BTreeMap<String, Arc<Item>>, poison: &BTreeMap<String, String>) -> Vec<String> {
    let said = |letter: &Item, name: &str| letter.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let unexpected = letters.iter().filter(|(hash, _)| !poison.contains_key(*hash)).map(|(hash, letter)| {
        let (policy, reason) = (said(letter, "policy"), said(letter, "reason"));
        format!("{policy} has parked a record that is no poison, hash {hash}: {reason}")
    });
    let missed = poison.keys().filter(|hash| !letters.contains_key(*hash));
    unexpected.chain(missed.map(|hash| format!("poison is not parked, hash {hash}"))).collect()
}

/// The data platform knows of every order that was placed, and of every cancellation after that.
fn told_violations(events: &[Envelope], told: &BTreeMap<String, usize>) -> Vec<String> {
    let placed = Status::Placed.to_string();
    let placed = |event: &Envelope| event.data.get("from").and_then(Value::as_str) == Some(placed.as_str());
    let to_tell = events.iter().filter(|event| match event.event_type.as_str() {
        OrderPlaced::TYPE => true,
        OrderCancelled::TYPE => placed(event),
        _ => false,
    });
    let untold = to_tell.filter(|event| !told.contains_key(&event.id));
    untold
        .map(|event| format!("the data platform was not told of {} of order {}", event.event_type, event.correlationid))
        .collect()
}

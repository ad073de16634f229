//! What the published events tell must be what the orders are.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use whenever::{Envelope, Event};

use crate::order::{Order, OrderCancelled, OrderPlaced, OrderRejected, Status};
use crate::{EventType, event_types};

/// How often an order was said to end.
#[derive(Default)]
struct Endings {
    placed: usize,
    rejected: usize,
    cancelled: usize,
    cancelled_from_pending: usize,
}

/// One sentence for everything in `events` that contradicts `orders` or cannot be read; none if all is well. An event that was
/// published twice counts once.
#[must_use]
pub fn history_violations(orders: &[Order], events: &[Envelope]) -> Vec<String> {
    let (mut seen, types) = (HashSet::new(), event_types());
    let distinct: Vec<&Envelope> = events.iter().filter(|event| seen.insert(&event.id)).collect();
    let mut found: Vec<String> = distinct.iter().filter_map(|event| unreadable(event, &types)).collect();
    let mut endings: BTreeMap<&str, Endings> = BTreeMap::new();
    for event in distinct {
        let of_order = endings.entry(&event.subject).or_default();
        match event.event_type.as_str() {
            OrderPlaced::TYPE => of_order.placed += 1,
            OrderRejected::TYPE => of_order.rejected += 1,
            OrderCancelled::TYPE => {
                of_order.cancelled += 1;
                let from_pending = event.data.get("from").and_then(Value::as_str) == Some("PENDING");
                of_order.cancelled_from_pending += usize::from(from_pending);
            }
            _ => {}
        }
    }
    for order in orders {
        let none = Endings::default();
        let endings = endings.get(order.order_id.as_str()).unwrap_or(&none);
        if !endings.fit(order.status()) {
            found.push(format!(
                "order {} is {}, but was said to be placed {} times, rejected {} times, cancelled {} times",
                order.order_id,
                order.status(),
                endings.placed,
                endings.rejected,
                endings.cancelled
            ));
        }
    }
    found
}

impl Endings {
    /// Whether an order in `status` ends so.
    fn fit(&self, status: Status) -> bool {
        let left_pending = self.placed + self.rejected + self.cancelled_from_pending;
        match status {
            Status::Pending => left_pending + self.cancelled == 0,
            Status::Placed => left_pending == 1 && self.placed == 1 && self.cancelled == 0,
            Status::Rejected => left_pending == 1 && self.rejected == 1 && self.cancelled == 0,
            Status::Cancelled => left_pending == 1 && self.rejected == 0 && self.cancelled == 1,
        }
    }
}

fn unreadable(event: &Envelope, types: &[EventType]) -> Option<String> {
    let entry = types.iter().find(|entry| entry.name == event.event_type);
    match entry.map(|entry| (entry.decode)(event)) {
        None => Some(format!("event {} is a {}, which the shop does not know", event.id, event.event_type)),
        Some(Err(e)) => Some(format!("event {} ({}) cannot be read: {e}", event.id, event.event_type)),
        Some(Ok(())) => None,
    }
}

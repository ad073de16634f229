//! Sees orders settle on `order-events`, and tells whoever waits for them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use shop::order::{OrderCancelled, OrderPlaced, OrderRejected};
use tokio::sync::oneshot;
use tokio::time::Instant;
use whenever::Event as _;

/// An order has left PENDING.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settled {
    /// When that was seen.
    pub(super) at: Instant,
    pub(super) placed: bool,
}

/// Orders that are waited for, and those that settled before anybody knew their ids.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<HashMap<String, Slot>>);

#[derive(Debug)]
enum Slot {
    Awaited(oneshot::Sender<Settled>),
    Settled(Settled),
}

/// As much of an envelope as is needed, without reading the rest into anything.
#[derive(Deserialize)]
struct Seen<'a> {
    #[serde(rename = "type", borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    correlationid: Cow<'a, str>,
}

impl Watch {
    /// Takes a record that was just seen.
    pub(super) fn saw(&self, record: &[u8]) {
        let Ok(event) = serde_json::from_slice::<Seen<'_>>(record) else { return };
        let placed = match event.event_type.as_ref() {
            OrderPlaced::TYPE => true,
            OrderRejected::TYPE | OrderCancelled::TYPE => false,
            _ => return,
        };
        let settled = Settled { at: Instant::now(), placed };
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match orders.remove(event.correlationid.as_ref()) {
            // Whoever has given up waiting does not mind.
            Some(Slot::Awaited(waiter)) => drop(waiter.send(settled)),
            Some(Slot::Settled(first)) => drop(orders.insert(event.correlationid.into_owned(), Slot::Settled(first))),
            None => drop(orders.insert(event.correlationid.into_owned(), Slot::Settled(settled))),
        }
    }

    /// Waits until the order has settled; it may have already. Once per order.
    pub(super) async fn settled(&self, order: &str) -> Option<Settled> {
        let waiting = {
            let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(Slot::Settled(settled)) = orders.remove(order) {
                return Some(settled);
            }
            let (waiter, waiting) = oneshot::channel();
            orders.insert(order.to_owned(), Slot::Awaited(waiter));
            waiting
        };
        waiting.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(event_type: &str, order: &str) -> Vec<u8> {
        serde_json::json!({"specversion": "1.0", "type": event_type, "correlationid": order, "data": {"type": "x"}})
            .to_string()
            .into_bytes()
    }

    #[tokio::test]
    async fn an_order_may_settle_before_its_id_is_known() {
        let watch = Watch::default();
        watch.saw(b"no JSON");
        watch.saw(&record("OrderCreated", "7"));
        watch.saw(&record("OrderPlaced", "7"));
        watch.saw(&record("OrderCancelled", "7"));
        assert!(watch.settled("7").await.is_some_and(|settled| settled.placed));
    }

    #[tokio::test]
    async fn only_an_orders_own_end_wakes_its_client() {
        let watch = Watch::default();
        let (settled, ()) = tokio::join!(watch.settled("7"), async {
            watch.saw(&record("OrderPlaced", "8"));
            watch.saw(&record("StockDecreased", "7"));
            watch.saw(&record("OrderRejected", "7"));
        });
        assert!(settled.is_some_and(|settled| !settled.placed));
    }
}

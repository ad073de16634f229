//! Every type of event that the shop has.

use std::collections::BTreeSet;

use whenever::{Envelope, Event, Undecodable};

use crate::catalog::{LikeChanged, ProductViewed};
use crate::coupon::{
    CouponIssued, CouponRefused, CouponReleased, CouponRequested, CouponReserveFailed, CouponReserved,
};
use crate::delivery::{DeliveryCancelled, DeliveryCompleted, DeliveryFailed, DeliveryModified, DeliveryStarted};
use crate::inventory::{StockDecreaseFailed, StockDecreased, StockIncreased};
use crate::order::{DeadlineReached, OrderCancelled, OrderCreated, OrderModified, OrderPlaced, OrderRejected};
use crate::payment::{PaymentCompleted, PaymentFailed, PaymentRefunded};

/// One type of event.
#[derive(Debug, Clone, Copy)]
pub struct EventType {
    /// The CloudEvents `type`.
    pub name: &'static str,
    /// The topic that carries it.
    pub topic: &'static str,
    /// Reads an envelope's data as this type.
    pub decode: fn(&Envelope) -> Result<(), Undecodable>,
}

/// All types of events, in the order in which a saga may see them.
#[must_use]
pub fn event_types() -> Vec<EventType> {
    vec![
        entry::<OrderCreated>(),
        entry::<DeliveryStarted>(),
        entry::<DeliveryFailed>(),
        entry::<StockDecreased>(),
        entry::<StockDecreaseFailed>(),
        entry::<CouponReserved>(),
        entry::<CouponReserveFailed>(),
        entry::<PaymentCompleted>(),
        entry::<PaymentFailed>(),
        entry::<OrderPlaced>(),
        entry::<OrderModified>(),
        entry::<DeliveryModified>(),
        entry::<DeadlineReached>(),
        entry::<OrderRejected>(),
        entry::<OrderCancelled>(),
        entry::<DeliveryCompleted>(),
        entry::<DeliveryCancelled>(),
        entry::<StockIncreased>(),
        entry::<PaymentRefunded>(),
        entry::<CouponReleased>(),
        entry::<CouponRequested>(),
        entry::<CouponIssued>(),
        entry::<CouponRefused>(),
        entry::<LikeChanged>(),
        entry::<ProductViewed>(),
    ]
}

/// The topics that carry them.
#[must_use]
pub fn topics() -> BTreeSet<&'static str> {
    event_types().into_iter().map(|event| event.topic).collect()
}

fn entry<E: Event>() -> EventType {
    EventType { name: E::TYPE, topic: E::TOPIC, decode: |envelope| envelope.data::<E>().map(|_| ()) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    fn envelope(data: Map<String, Value>) -> Envelope {
        let fields = json!({
            "specversion": "1.0", "id": "1", "source": "/test", "type": "Test", "time": "2026-01-01T00:00:00.000Z",
            "subject": "7", "data": data,
        });
        Envelope::decode(fields.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn every_type_is_described_with_an_example_that_can_be_read() {
        let text = include_str!("../../../docs/events.md");
        let mut described = BTreeSet::new();
        for section in text.split("\n### ").skip(1) {
            let (event_type, rest) = section.split_once('\n').unwrap();
            let example = rest.split("```").nth(1).and_then(|block| block.strip_prefix("json")).unwrap();
            let data: Map<String, Value> =
                serde_json::from_str(example).unwrap_or_else(|e| panic!("{event_type}: {e}"));
            let entry = event_types().into_iter().find(|entry| entry.name == event_type);
            (entry.unwrap().decode)(&envelope(data)).unwrap_or_else(|e| panic!("{event_type}: {e}"));
            described.insert(event_type);
        }
        let listed: Vec<&str> = event_types().iter().map(|entry| entry.name).collect();
        assert_eq!(described, listed.iter().copied().collect());
        assert_eq!(described.len(), listed.len(), "a type is listed twice");
    }
}

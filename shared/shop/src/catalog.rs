//! Every event of the shop.

use whenever::{Envelope, Event, Undecodable};

use crate::delivery::{DeliveryCancelled, DeliveryCompleted, DeliveryFailed, DeliveryStarted};
use crate::inventory::{StockDecreaseFailed, StockDecreased, StockIncreased};
use crate::order::{DeadlineReached, OrderCancelled, OrderCreated, OrderPlaced, OrderRejected};
use crate::payment::{PaymentCompleted, PaymentFailed, PaymentRefunded};

/// One type of event.
#[derive(Debug, Clone, Copy)]
pub struct CatalogEntry {
    /// The CloudEvents `type`.
    pub event_type: &'static str,
    /// The topic that carries it.
    pub topic: &'static str,
    /// Reads an envelope's data as this type.
    pub decode: fn(&Envelope) -> Result<(), Undecodable>,
}

/// All types of events, in the order in which a saga may see them.
#[must_use]
pub fn catalog() -> Vec<CatalogEntry> {
    vec![
        entry::<OrderCreated>(),
        entry::<DeliveryStarted>(),
        entry::<DeliveryFailed>(),
        entry::<StockDecreased>(),
        entry::<StockDecreaseFailed>(),
        entry::<PaymentCompleted>(),
        entry::<PaymentFailed>(),
        entry::<OrderPlaced>(),
        entry::<DeadlineReached>(),
        entry::<OrderRejected>(),
        entry::<OrderCancelled>(),
        entry::<DeliveryCompleted>(),
        entry::<DeliveryCancelled>(),
        entry::<StockIncreased>(),
        entry::<PaymentRefunded>(),
    ]
}

fn entry<E: Event>() -> CatalogEntry {
    CatalogEntry {
        event_type: E::TYPE,
        topic: E::TOPIC,
        decode: |envelope| envelope.data::<E>().map(|_| ()),
    }
}

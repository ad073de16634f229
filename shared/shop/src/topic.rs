//! The topic of the order saga.

/// Everything that happens to an order, keyed by the order's id.
pub const ORDER_EVENTS: &str = "order-events";

/// Makes types into events of [`ORDER_EVENTS`]; each is called what its type is called.
macro_rules! order_events {
    ($($event:ident),+ $(,)?) => {$(
        impl whenever::Event for $event {
            const TYPE: &'static str = stringify!($event);
            const TOPIC: &'static str = $crate::topic::ORDER_EVENTS;
        }
    )+};
}

pub(crate) use order_events;

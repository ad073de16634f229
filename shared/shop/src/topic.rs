//! The shop's topics.

/// Everything that happens to an order, keyed by the order's id.
pub const ORDER_EVENTS: &str = "order-events";

/// Who asks for a coupon, and who gets it, keyed by the coupon's id.
pub const COUPON_EVENTS: &str = "coupon-events";

/// What customers like and look at, keyed by the product's id.
pub const CATALOG_EVENTS: &str = "catalog-events";

/// Makes types into events of a topic; each is called what its type is called.
macro_rules! events {
    ($topic:ident: $($event:ident),+ $(,)?) => {$(
        impl whenever::Event for $event {
            const TYPE: &'static str = stringify!($event);
            const TOPIC: &'static str = $crate::topic::$topic;
        }
    )+};
}

pub(crate) use events;

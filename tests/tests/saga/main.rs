//! The saga as its users see it: calm, with deadlines far away. Each test carries the id of its scenario.

#![cfg(test)]

mod alarms;
mod budget;
mod c10_batches;
mod c10_metrics;
mod c11_platform;
mod c1_pubsub;
mod c2_rejection;
mod c3_duplicates;
mod c4_out_of_order;
mod c6_cancel;
mod c6_modify;
mod c7_concurrency;
mod c8_coupon_orders;
mod c8_items_and_money;
mod c9_coupons;
mod coupon_input;
mod http_input;
mod idempotency_key;
mod kafka_input;
mod roles;
mod start;
mod stream_input;
mod test_event_shapes;
mod test_events;

use shop_tests::Stage;

/// One stack for all tests here.
static STAGE: Stage = Stage::new(&[("DeadlineSeconds", "60"), ("SweepIntervalSeconds", "1")]);

/// What happens to an order that is placed.
const PLACED: [&str; 5] = ["OrderCreated", "DeliveryStarted", "StockDecreased", "PaymentCompleted", "OrderPlaced"];

/// What happens to an order that nobody can pay.
const UNPAID: [&str; 7] = [
    "OrderCreated",
    "DeliveryStarted",
    "StockDecreased",
    "PaymentFailed",
    "OrderRejected",
    "DeliveryCancelled",
    "StockIncreased",
];

/// A deadline that does not pass.
const FAR: &str = "2999-01-01T00:00:00.000Z";

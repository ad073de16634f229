//! The saga as its users see it: calm, with deadlines far away. Each test carries the id of its scenario.

#![cfg(test)]

#[path = "saga/c1_pubsub.rs"]
mod c1_pubsub;
#[path = "saga/c2_rejection.rs"]
mod c2_rejection;
#[path = "saga/c3_duplicates.rs"]
mod c3_duplicates;
#[path = "saga/c4_out_of_order.rs"]
mod c4_out_of_order;
#[path = "saga/c6_cancel.rs"]
mod c6_cancel;
#[path = "saga/c7_concurrency.rs"]
mod c7_concurrency;
#[path = "saga/c8_items_and_money.rs"]
mod c8_items_and_money;
#[path = "saga/http_input.rs"]
mod http_input;
#[path = "saga/idempotency_key.rs"]
mod idempotency_key;
#[path = "saga/kafka_input.rs"]
mod kafka_input;
#[path = "saga/stream_input.rs"]
mod stream_input;
#[path = "saga/test_events.rs"]
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

//! The saga as its users see it: calm, with deadlines far away. Each test carries the id of its scenario.

#[path = "saga/c1_pubsub.rs"]
mod c1_pubsub;
#[path = "saga/c2_rejection.rs"]
mod c2_rejection;

use shop_tests::Stage;

/// One stack for all tests here.
static STAGE: Stage = Stage::new(&[("DeadlineSeconds", "60"), ("SweepIntervalSeconds", "1")]);

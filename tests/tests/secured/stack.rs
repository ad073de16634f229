//! The whole local stack on a secured broker: its topics, its triggers and its functions all log in.

use shop_tests::secured::Entry;
use shop_tests::{Shop, Stage};

/// Two stacks start at once: no order of theirs is to be late.
const LONG: &[(&str, &str)] = &[("DeadlineSeconds", "120"), ("SweepIntervalSeconds", "1")];

static BY_USER: Stage = Stage::new(LONG).logged_in(Entry::scram);
static BY_ROLE: Stage = Stage::new(LONG).logged_in(|| Entry::iam().with("KAFKA_TOKEN_SECONDS", "10"));

#[tokio::test]
async fn an_order_is_placed_on_a_broker_that_knows_its_users() {
    an_order_is_placed(BY_USER.enter_alone().await).await;
}

#[tokio::test]
async fn an_order_is_placed_on_a_broker_that_knows_its_roles() {
    an_order_is_placed(BY_ROLE.enter_alone().await).await;
}

async fn an_order_is_placed(shop: Shop) {
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 3).await;
    // Every function logs in when it starts.
    shop.settle().await;
    shop.placed(&order).await;
    assert_eq!(shop.stock(&product).await, 7);
    shop.leave().await;
}

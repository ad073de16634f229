//! The shop on a table store of somebody else's, beside a broker of somebody else's.

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::{Stage, broker, table_store};

static STAGE: Stage =
    Stage::new(&[("DeadlineSeconds", "120"), ("SweepIntervalSeconds", "1")]).with_tables(table_store::given);

#[tokio::test]
async fn orders_end_right_on_a_given_table_store_although_policies_are_killed() {
    let test = "orders_end_right_on_a_given_table_store_although_policies_are_killed";
    if !broker::is_given(test) || table_store::wanted_by(test).is_none() {
        return;
    }
    let shop = STAGE.enter_alone().await;
    let (customer, product) = (shop.account(1_000).await, shop.priced_product(100, 10).await);
    let order = json!({"customerId": customer, "productId": product, "qty": 1, "address": "Seoul"});
    let mut placed = join_all((0..10).map(|_| shop.order(&order))).await;
    for policy in ["take-payment", "decrease-stock", "relay-outbox"] {
        shop.kill(policy).await;
        placed.push(shop.order(&order).await);
    }
    let nowhere = shop.order(&json!({"productId": product, "qty": 1, "address": "NOWHERE 1"})).await;
    shop.settle().await;
    for order in &placed {
        shop.placed(order).await;
    }
    shop.rejected(&nowhere, "DELIVERY").await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (100 - 13, 1_000 - 130));
    shop.leave().await;
}

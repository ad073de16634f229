//! The whole stack is killed: what was answered is finished by the next one on the same data folder.

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::Stage;

use crate::PLACED;

static KEPT: Stage =
    Stage::new(&[("DeadlineSeconds", "60"), ("SweepIntervalSeconds", "1")]).apart("kept::runs_until_it_is_killed");

/// What runs in the stack's own process.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs until it is killed"]
async fn runs_until_it_is_killed() {
    shop_tests::run_apart().await;
}

#[tokio::test]
async fn what_was_answered_is_finished_although_the_stack_was_killed() {
    let shop = KEPT.enter_alone().await;
    let (customer, product) = (shop.account(1_000).await, shop.priced_product(100, 10).await);
    let coupon = shop.coupon(&json!({"quantity": 15})).await;
    shop.stop("issue-coupon").await;
    shop.stop("decrease-stock").await;
    let order = json!({"customerId": customer, "productId": product, "qty": 1});
    let orders = join_all((0..20).map(|_| shop.order(&order))).await;
    let users: Vec<String> = (0..20).map(|_| shop.unique("hong")).collect();
    join_all(users.iter().map(|user| shop.request_coupon(user, &coupon))).await;
    // Answered, and nowhere but on the broker.
    shop.kill_the_stack().await;
    let shown = join_all(users.iter().map(|user| shop.user_coupon(user, &coupon))).await;
    let issued = shown.iter().filter(|answer| answer["status"] == "ISSUED").count();
    let refused = shown.iter().filter(|answer| answer["reason"] == "SOLD_OUT").count();
    assert_eq!((issued, refused), (15, 5), "{shown:?}");
    for order in &orders {
        shop.history(order, &PLACED).await;
    }
    // And once more, with nothing under way: nothing is done again.
    shop.settle().await;
    shop.kill_the_stack().await;
    shop.settle().await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (80, 800));
    shop.leave().await;
}

#[tokio::test]
async fn a_record_that_was_parked_before_the_stack_was_killed_is_parked_once() {
    let shop = KEPT.enter_alone().await;
    let record = shop.publish("nobody", b"nonsense").await;
    let letter = shop.parked_where(|letter| letter["policy"] == "record-timeline").await;
    shop.kill_the_stack().await;
    shop.settle().await;
    let letters = shop.dead_letters().await;
    let same = letters.iter().filter(|other| other["value"] == letter["value"]).count();
    assert_eq!(same, 1, "{letters:?} of {record:?}");
    shop.leave().await;
}

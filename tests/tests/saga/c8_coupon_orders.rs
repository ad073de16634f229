//! C8: orders that are paid with coupons.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shop_tests::{Shop, types};

use crate::{FAR, STAGE};

/// A coupon that takes 1,000 off, a customer who has it and this balance, and a product that costs 300.
async fn sale(shop: &Shop, balance: i64) -> (String, String, String) {
    let coupon = shop.coupon(&json!({"quantity": 10, "discount": 1_000})).await;
    let customer = shop.holder(&coupon, balance).await;
    (coupon, customer, shop.priced_product(100, 300).await)
}

async fn order_with(shop: &Shop, coupon: &str, customer: &str, product: &str) -> String {
    shop.order(&json!({"customerId": customer, "productId": product, "qty": 10, "couponId": coupon})).await
}

async fn status(shop: &Shop, coupon: &str, customer: &str) -> Value {
    shop.user_coupon(customer, coupon).await["status"].clone()
}

#[tokio::test]
async fn a_coupon_pays_a_part_of_an_order() {
    let shop = STAGE.enter().await;
    let (coupon, customer, product) = sale(&shop, 2_000).await;
    let order = order_with(&shop, &coupon, &customer, &product).await;
    let placed = shop.placed(&order).await;
    assert_eq!((&placed["total"], &placed["couponId"]), (&json!(3_000), &json!(coupon)));
    shop.settle().await;
    let placed =
        ["OrderCreated", "DeliveryStarted", "StockDecreased", "CouponReserved", "PaymentCompleted", "OrderPlaced"];
    let events = shop.history(&order, &placed).await;
    for event in &events[3..] {
        let bill = ["total", "discount", "payable"].map(|name| event.data[name].clone());
        assert_eq!(bill, [json!(3_000), json!(1_000), json!(2_000)], "{}", event.event_type);
    }
    for name in ["customerId", "items", "dueAt", "couponId"] {
        assert_eq!(events[3].data[name], events[2].data[name], "{name}");
    }
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (90, 0));
    assert_eq!(status(&shop, &coupon, &customer).await, "USED");
    let held = shop.get(&format!("/users/{customer}/coupons")).await.json();
    assert_eq!(held, json!({"coupons": [{"couponId": coupon, "status": "USED"}]}));
    shop.leave().await;
}

#[tokio::test]
async fn c_089_a_failed_payment_gives_the_coupon_back() {
    let shop = STAGE.enter().await;
    let (coupon, customer, product) = sale(&shop, 1_999).await;
    let order = order_with(&shop, &coupon, &customer, &product).await;
    let rejected = shop.rejected(&order, "PAYMENT").await;
    assert_eq!(rejected["message"], "insufficient balance: 2000 to pay, 1999 there");
    shop.settle().await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (100, 1_999));
    assert_eq!(status(&shop, &coupon, &customer).await, "ISSUED");
    let events = shop.events_of(&order).await;
    assert_eq!(types(&events).iter().filter(|name| **name == "CouponReleased").count(), 1);
    shop.leave().await;
}

#[tokio::test]
async fn c_089_a_cancelled_order_gives_back_the_coupon_and_what_was_paid() {
    let shop = STAGE.enter().await;
    let (coupon, customer, product) = sale(&shop, 2_500).await;
    let order = order_with(&shop, &coupon, &customer, &product).await;
    shop.placed(&order).await;
    assert_eq!(shop.balance(&customer).await, 500);
    assert_eq!(shop.delete(&format!("/orders/{order}")).await.status, 200);
    shop.settle().await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (100, 2_500));
    assert_eq!(status(&shop, &coupon, &customer).await, "ISSUED");
    assert_eq!(shop.event(&order, "PaymentRefunded").await.data["payable"], 2_000);
    // It is as good as new.
    let again = order_with(&shop, &coupon, &customer, &product).await;
    shop.placed(&again).await;
    assert_eq!(shop.balance(&customer).await, 500);
    shop.leave().await;
}

#[tokio::test]
async fn c_089_of_two_orders_with_the_same_coupon_one_is_placed() {
    let shop = STAGE.enter().await;
    let (coupon, customer, product) = sale(&shop, 10_000).await;
    let orders = join_all((0..2).map(|_| order_with(&shop, &coupon, &customer, &product))).await;
    shop.settle().await;
    let mut shown = join_all(orders.iter().map(|order| shop.show(order))).await;
    shown.sort_by_key(|order| order["status"] != "PLACED");
    assert_eq!(shown[0]["status"], "PLACED", "{shown:?}");
    assert_eq!((&shown[1]["status"], &shown[1]["reason"]), (&json!("REJECTED"), &json!("COUPON")));
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (90, 8_000));
    assert_eq!(status(&shop, &coupon, &customer).await, "USED");
    shop.leave().await;
}

#[tokio::test]
async fn a_coupon_that_is_worth_more_than_the_order_needs_no_account() {
    let shop = STAGE.enter().await;
    let coupon = shop.coupon(&json!({"discount": 10_000})).await;
    let (customer, product) = (shop.unique("hong"), shop.priced_product(10, 300).await);
    shop.request_coupon(&customer, &coupon).await;
    shop.user_coupon(&customer, &coupon).await;
    let order = order_with(&shop, &coupon, &customer, &product).await;
    shop.placed(&order).await;
    let event = shop.event(&order, "PaymentCompleted").await;
    assert_eq!((&event.data["discount"], &event.data["payable"]), (&json!(10_000), &json!(0)));
    shop.leave().await;
}

#[tokio::test]
async fn a_coupon_that_the_customer_does_not_have_rejects_the_order() {
    let shop = STAGE.enter().await;
    let (coupon, _, product) = sale(&shop, 0).await;
    let stranger = shop.account(10_000).await;
    for coupon in [coupon, shop.unique("unknown")] {
        let order = order_with(&shop, &coupon, &stranger, &product).await;
        let rejected = shop.rejected(&order, "COUPON").await;
        assert_eq!(rejected["message"], format!("customer {stranger} has no coupon {coupon}"));
        shop.settle().await;
        assert_eq!((shop.stock(&product).await, shop.balance(&stranger).await), (100, 10_000));
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_089_what_comes_twice_or_the_wrong_way_round_changes_nothing() {
    let shop = STAGE.enter().await;
    let (coupon, customer, product) = sale(&shop, 10_000).await;
    let order = order_with(&shop, &coupon, &customer, &product).await;
    shop.placed(&order).await;
    let decreased = shop.event(&order, "StockDecreased").await;
    let placed = shop.event(&order, "OrderPlaced").await;
    shop.settle().await;
    shop.deliver("reserve-coupon", &[&decreased, &decreased]).await;
    shop.deliver("use-coupon", &[&placed, &placed]).await;
    // Neither of them sees such an event through its trigger; whoever invokes it by hand does no harm.
    shop.deliver("take-payment", &[&decreased]).await;
    assert_eq!((status(&shop, &coupon, &customer).await, shop.balance(&customer).await), (json!("USED"), 8_000));
    shop.delete(&format!("/orders/{order}")).await;
    shop.settle().await;
    let cancelled = shop.event(&order, "OrderCancelled").await;
    shop.deliver("release-coupon", &[&cancelled, &cancelled]).await;
    shop.deliver("use-coupon", &[&placed]).await;
    shop.deliver("reserve-coupon", &[&decreased]).await;
    shop.settle().await;
    assert_eq!((status(&shop, &coupon, &customer).await, shop.balance(&customer).await), (json!("ISSUED"), 10_000));
    shop.leave().await;
}

#[tokio::test]
async fn a_coupon_that_is_released_before_it_is_reserved_stays_with_its_customer() {
    let shop = STAGE.enter().await;
    let (coupon, customer, product) = sale(&shop, 0).await;
    let order = shop.unique("order");
    let ended = json!({"customerId": customer, "couponId": coupon, "reason": "DEADLINE", "message": "too late"});
    shop.deliver("release-coupon", &[&shop.made_up(&order, "OrderRejected", &ended)]).await;
    let items = json!([{"productId": product, "quantity": 1, "price": 300}]);
    let data = json!({"customerId": customer, "couponId": coupon, "items": items, "total": 300, "dueAt": FAR});
    shop.deliver("reserve-coupon", &[&shop.made_up(&order, "StockDecreased", &data)]).await;
    let claim = shop.item("coupons", &format!("claim#{order}")).await.unwrap();
    assert_eq!(claim["status"], "TOMBSTONE");
    assert_eq!(status(&shop, &coupon, &customer).await, "ISSUED");
    assert!(shop.events_of(&order).await.is_empty());
    shop.leave().await;
}

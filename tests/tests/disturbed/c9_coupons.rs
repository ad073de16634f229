//! C9 and C8: coupons whose functions fail and die.

use futures_util::future::join_all;
use serde_json::json;

use crate::PATIENT;

#[tokio::test]
async fn c_097_a_request_that_comes_again_after_a_crash_has_one_effect() {
    let shop = PATIENT.enter_alone().await;
    let (coupon, user) = (shop.coupon(&json!({"quantity": 10})).await, shop.unique("hong"));
    let request = shop.made_up(&coupon, "CouponRequested", &json!({"couponId": coupon, "userId": user}));
    shop.deliver("issue-coupon", &[&request]).await;
    assert!(shop.kill("issue-coupon").await > 0);
    shop.deliver("issue-coupon", &[&request]).await;
    shop.settle().await;
    assert_eq!(shop.show_coupon(&coupon).await["remaining"], 9);
    assert_eq!(shop.user_coupon(&user, &coupon).await["status"], "ISSUED");
    shop.leave().await;
}

#[tokio::test]
async fn c_097_everybody_who_was_answered_is_served_although_the_functions_are_killed() {
    let shop = PATIENT.enter_alone().await;
    let coupon = shop.coupon(&json!({"quantity": 40})).await;
    let users: Vec<String> = (0..60).map(|_| shop.unique("hong")).collect();
    // Whoever is not answered asks again.
    let ask = async |user: &String| {
        let body = json!({"userId": user, "couponId": coupon});
        let post = async || shop.post("/api/v1/coupon/request-issue", &body).await.status;
        shop.until(post, |status| *status == 200).await
    };
    let kills = async {
        for _ in 0..5 {
            for function in ["issue-coupon", "coupons-api", "relay-outbox"] {
                shop.kill(function).await;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    };
    futures_util::future::join(join_all(users.iter().map(ask)), kills).await;
    shop.settle().await;
    let shown = join_all(users.iter().map(|user| shop.user_coupon(user, &coupon))).await;
    let issued = shown.iter().filter(|answer| answer["status"] == "ISSUED").count();
    let refused = shown.iter().filter(|answer| answer["reason"] == "SOLD_OUT").count();
    assert_eq!((issued, refused), (40, 20));
    shop.leave().await;
}

#[tokio::test]
async fn c_100_a_failure_that_heals_is_repeated_until_it_has() {
    let shop = PATIENT.enter_alone().await;
    let (coupon, user) = (shop.coupon(&json!({"quantity": 1})).await, shop.unique("hong"));
    shop.fail_always("issue-coupon").await;
    let failures = async || shop.function("issue-coupon").await["errors"].as_u64().unwrap_or_default();
    let before = failures().await;
    shop.request_coupon(&user, &coupon).await;
    shop.until(&failures, |failures| *failures >= before + 2).await;
    assert_eq!(shop.get(&format!("/coupons/{coupon}/users/{user}")).await.status, 404);
    shop.clear("issue-coupon").await;
    assert_eq!(shop.user_coupon(&user, &coupon).await["status"], "ISSUED");
    // `leave` finds the dead letters empty.
    shop.leave().await;
}

#[tokio::test]
async fn orders_with_coupons_end_right_although_their_policies_are_killed() {
    const ORDERS: i64 = 12;
    let shop = PATIENT.enter_alone().await;
    let product = shop.priced_product(100, 300).await;
    let coupon = shop.coupon(&json!({"discount": 100})).await;
    let customers = join_all((0..ORDERS).map(|_| shop.holder(&coupon, 200))).await;
    let order = async |customer: &String| {
        shop.order(&json!({"customerId": customer, "productId": product, "qty": 1, "couponId": coupon})).await
    };
    // Two orders of each customer: there is a coupon for one of them.
    let twice = join_all(customers.iter().chain(&customers).map(order));
    let kills = async {
        for policy in ["reserve-coupon", "use-coupon", "release-coupon", "take-payment", "reserve-coupon"] {
            shop.kill(policy).await;
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
    };
    let (orders, ()) = futures_util::future::join(twice, kills).await;
    shop.settle().await;
    let shown = join_all(orders.iter().map(|order| shop.show(order))).await;
    let placed = shown.iter().filter(|order| order["status"] == "PLACED").count();
    assert_eq!((placed, shop.stock(&product).await), (12, 100 - ORDERS), "{shown:?}");
    shop.leave().await;
}

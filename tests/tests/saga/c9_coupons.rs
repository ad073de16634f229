//! C9: coupons, first come, first served.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use shop_tests::Shop;

use crate::STAGE;

/// As many customers as asked for.
fn customers(shop: &Shop, count: usize) -> Vec<String> {
    (0..count).map(|_| shop.unique("hong")).collect()
}

async fn all_ask(shop: &Shop, users: &[String], coupon: &str) {
    join_all(users.iter().map(|user| shop.request_coupon(user, coupon))).await;
    shop.settle().await;
}

/// How many of the customers have the coupon; all others were told that it is sold out.
async fn issued_of(shop: &Shop, users: &[String], coupon: &str) -> usize {
    let shown = join_all(users.iter().map(|user| shop.user_coupon(user, coupon))).await;
    for answer in &shown {
        assert!(answer["status"] == "ISSUED" || answer["reason"] == "SOLD_OUT", "{answer}");
    }
    shown.iter().filter(|answer| answer["status"] == "ISSUED").count()
}

fn names(list: &[Value], field: &str) -> BTreeSet<String> {
    list.iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn c_090_a_request_is_accepted_at_once_and_issued_later() {
    let shop = STAGE.enter().await;
    let (coupon, user) = (shop.coupon(&json!({"quantity": 10})).await, shop.unique("hong"));
    // The first call starts the function.
    shop.request_coupon(&user, &coupon).await;
    let path = "/api/v1/coupon/request-issue";
    let start = Instant::now();
    // As HTTPie sends it, and with numbers.
    let number: i64 = 4_000_000_000 + i64::from(std::process::id());
    for user in [json!(number.to_string()), json!(number)] {
        let answer = shop.post(path, &json!({"userId": user, "couponId": coupon})).await;
        assert_eq!((answer.status, answer.text()), (200, ""));
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let issued = shop.user_coupon(&user, &coupon).await;
    assert_eq!(
        [&issued["couponId"], &issued["userId"], &issued["status"]],
        [&json!(coupon), &json!(user), &json!("ISSUED")]
    );
    assert!(issued["issuedAt"].is_string() && issued.get("reason").is_none(), "{issued}");
    shop.settle().await;
    assert_eq!(shop.show_coupon(&coupon).await["issued"], 2);
    shop.leave().await;
}

#[tokio::test]
async fn c_091_n_coupons_n_plus_one_users() {
    let shop = STAGE.enter().await;
    let coupon = shop.coupon(&json!({"quantity": "2", "discount": "1000"})).await;
    let users = customers(&shop, 3);
    for user in &users {
        shop.request_coupon(user, &coupon).await;
    }
    let answers = [0, 1, 2].map(|n| &users[n]).map(|user| shop.user_coupon(user, &coupon));
    let statuses: Vec<Value> = join_all(answers).await.iter().map(|answer| answer["status"].clone()).collect();
    assert_eq!(statuses, ["ISSUED", "ISSUED", "REFUSED"]);
    let refused = json!({"couponId": coupon, "userId": users[2], "status": "REFUSED", "reason": "SOLD_OUT"});
    assert_eq!(shop.user_coupon(&users[2], &coupon).await, refused);
    let sold_out = json!({"id": coupon, "quantity": 2, "remaining": 0, "issued": 2, "discount": 1_000});
    assert_eq!(shop.show_coupon(&coupon).await, sold_out);
    shop.leave().await;
}

#[tokio::test]
async fn c_093_ten_coupons_and_a_hundred_customers_at_once() {
    let shop = STAGE.enter().await;
    let coupon = shop.coupon(&json!({"quantity": 10})).await;
    let users = customers(&shop, 100);
    all_ask(&shop, &users, &coupon).await;
    assert_eq!(issued_of(&shop, &users, &coupon).await, 10);
    assert_eq!(shop.show_coupon(&coupon).await["issued"], 10);
    let holders = shop.whole_list(&format!("/coupons/{coupon}/users"), "users").await;
    assert_eq!((holders.len(), names(&holders, "userId").len()), (10, 10));
    shop.leave().await;
}

#[tokio::test]
async fn c_094_everybody_fits() {
    let shop = STAGE.enter().await;
    for count in [15, 100] {
        let coupon = shop.coupon(&json!({"quantity": count})).await;
        let users = customers(&shop, count);
        all_ask(&shop, &users, &coupon).await;
        assert_eq!(issued_of(&shop, &users, &coupon).await, count);
        assert_eq!(shop.show_coupon(&coupon).await["remaining"], 0);
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_095_a_customer_who_asks_again_has_one_coupon() {
    let shop = STAGE.enter().await;
    let (coupon, user) = (shop.coupon(&json!({"quantity": 100})).await, shop.unique("hong"));
    join_all((0..3).map(|_| shop.request_coupon(&user, &coupon))).await;
    shop.settle().await;
    let item = async || shop.item("coupons", &format!("userCoupon#{coupon}/{user}")).await.unwrap();
    let before = item().await;
    assert_eq!((&before["version"], &before["status"]), (&json!(1), &json!("ISSUED")));
    shop.request_coupon(&user, &coupon).await;
    shop.settle().await;
    assert_eq!(item().await, before, "who has it causes no write, and so no event");
    assert_eq!(shop.show_coupon(&coupon).await["remaining"], 99);
    shop.leave().await;
}

#[tokio::test]
async fn c_099_a_refusal_is_no_failure() {
    let shop = STAGE.enter().await;
    let coupon = shop.coupon(&json!({"quantity": 1})).await;
    let users = customers(&shop, 2);
    let requests =
        [0, 1].map(|n| shop.made_up(&coupon, "CouponRequested", &json!({"couponId": coupon, "userId": users[n]})));
    for _ in 0..3 {
        // `deliver` fails the test if a record is wanted again; `leave` if one was parked.
        shop.deliver("issue-coupon", &[&requests[0], &requests[1]]).await;
    }
    let refused = shop.item("coupons", &format!("userCoupon#{coupon}/{}", users[1])).await.unwrap();
    assert_eq!((&refused["version"], &refused["reason"]), (&json!(1), &json!("SOLD_OUT")));
    assert!(refused["expiresAt"].is_number(), "{refused:?}");
    assert_eq!(shop.show_coupon(&coupon).await["issued"], 1);
    shop.leave().await;
}

#[tokio::test]
async fn c_101_what_cannot_be_read_is_parked_and_later_requests_go_on() {
    let shop = STAGE.enter().await;
    let (coupon, user) = (shop.coupon(&json!({"quantity": 10})).await, shop.unique("hong"));
    let request = |user: Value| {
        shop.record(&shop.made_up(&coupon, "CouponRequested", &json!({"couponId": coupon, "userId": user})))
    };
    let nonsense = [json!(-1), json!(null), json!(""), json!("a\nb"), json!("x".repeat(129)), json!({})];
    for user_id in nonsense {
        let poison = request(user_id);
        let records = [poison.clone(), request(json!(user))];
        assert_eq!(shop.deliver_records("issue-coupon", &records).await, [0; 0]);
        let letter = shop.parked("issue-coupon", &poison).await;
        assert_eq!(letter["type"], "CouponRequested");
    }
    assert_eq!(shop.user_coupon(&user, &coupon).await["status"], "ISSUED");
    assert_eq!(shop.show_coupon(&coupon).await["issued"], 1);
    shop.leave().await;
}

#[tokio::test]
async fn c_103_an_unknown_coupon_is_refused_and_may_be_asked_for_again() {
    let shop = STAGE.enter().await;
    let (coupon, user) = (shop.unique("later"), shop.unique("hong"));
    assert_eq!(shop.get(&format!("/coupons/{coupon}/users/{user}")).await.status, 404);
    shop.request_coupon(&user, &coupon).await;
    assert_eq!(shop.user_coupon(&user, &coupon).await["reason"], "UNKNOWN_COUPON");
    for path in [format!("/coupons/{coupon}"), format!("/coupons/{coupon}/users")] {
        assert_eq!(shop.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(shop.item("coupons", &format!("coupon#{coupon}")).await, None);
    let held = format!("/users/{user}/coupons");
    assert_eq!(shop.get(&held).await.json(), json!({"coupons": []}));
    shop.coupon(&json!({"id": coupon, "quantity": 1})).await;
    shop.request_coupon(&user, &coupon).await;
    shop.settle().await;
    assert_eq!(shop.user_coupon(&user, &coupon).await["status"], "ISSUED");
    assert_eq!(shop.get(&held).await.json(), json!({"coupons": [{"couponId": coupon, "status": "ISSUED"}]}));
    shop.leave().await;
}

#[tokio::test]
async fn c_103_an_unlimited_coupon_is_issued_to_everybody() {
    let shop = STAGE.enter().await;
    let coupon = shop.coupon(&json!({"name": "INFINITE"})).await;
    let users = customers(&shop, 50);
    all_ask(&shop, &users, &coupon).await;
    assert_eq!(issued_of(&shop, &users, &coupon).await, 50);
    let shown = json!({"id": coupon, "name": "INFINITE", "issued": 50, "discount": 0});
    assert_eq!(shop.show_coupon(&coupon).await, shown);
    shop.leave().await;
}

#[tokio::test]
async fn lists_of_coupons_hold_everybody_once() {
    let shop = STAGE.enter().await;
    let coupon = shop.coupon(&json!({})).await;
    let users = customers(&shop, 230);
    all_ask(&shop, &users, &coupon).await;
    let holders = shop.whole_list(&format!("/coupons/{coupon}/users"), "users").await;
    assert_eq!(holders.len(), 230);
    assert_eq!(names(&holders, "userId"), users.iter().cloned().collect());
    assert!(holders.iter().all(|holder| holder["issuedAt"].is_string()));

    let coupons = join_all((0..120).map(async |_| shop.coupon(&json!({"quantity": 1})).await)).await;
    join_all(coupons.iter().map(|coupon| shop.request_coupon(&users[0], coupon))).await;
    shop.settle().await;
    let held = shop.whole_list(&format!("/users/{}/coupons", users[0]), "coupons").await;
    assert_eq!(held.len(), 121);
    assert_eq!(names(&held, "couponId"), coupons.into_iter().chain([coupon]).collect());
    shop.leave().await;
}

#[tokio::test]
async fn one_write_of_a_wanted_coupon_issues_it_to_many() {
    const USERS: usize = 1_000;
    let shop = STAGE.enter_alone().await;
    let coupon = shop.coupon(&json!({"quantity": USERS})).await;
    shop.stop("issue-coupon").await;
    let users = customers(&shop, USERS);
    join_all(users.iter().map(|user| shop.request_coupon(user, &coupon))).await;
    shop.clear("issue-coupon").await;
    shop.settle().await;
    let item = shop.item("coupons", &format!("coupon#{coupon}")).await.unwrap();
    assert_eq!(item["issued"], USERS);
    // The item is small, and a write in a transaction costs two units.
    let units = 2 * (item["version"].as_u64().unwrap() - 1);
    assert!(USERS as u64 >= 20 * units, "{USERS} coupons cost {units} write units of the coupon's item");
    shop.leave().await;
}

//! C6: the customer wants it delivered elsewhere. The newest address counts, and nothing is modified after it was cancelled.

use std::time::Duration;

use serde_json::{Value, json};
use shop_tests::{Shop, types};
use whenever::Envelope;

use crate::{FAR, PLACED, STAGE};

/// An order to PUSAN that is placed; its id.
async fn placed_to_pusan(shop: &Shop) -> String {
    let product = shop.product(10).await;
    let order = shop.order(&json!({"productId": product, "qty": 3, "address": "PUSAN"})).await;
    shop.placed(&order).await;
    order
}

/// Sends an order elsewhere; answers the order.
async fn redirect(shop: &Shop, order: &str, address: &str) -> Value {
    let answer = shop.patch(&format!("/orders/{order}"), &json!({"address": address})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Address and status of a delivery.
async fn delivery(shop: &Shop, order: &str) -> (Value, Value) {
    let delivery = shop.get(&format!("/deliveries/{order}")).await.json();
    (delivery["address"].clone(), delivery["status"].clone())
}

/// How many of the order's events are of this type.
fn count(events: &[Envelope], event_type: &str) -> usize {
    types(events).into_iter().filter(|found| *found == event_type).count()
}

#[tokio::test]
async fn c_058_a_modified_order_is_delivered_to_its_new_address() {
    let shop = STAGE.enter().await;
    let order = placed_to_pusan(&shop).await;
    let before = shop.show(&order).await;
    let modified = redirect(&shop, &order, "서울").await;
    let mut expected = before.clone();
    expected["address"] = json!("서울");
    assert_eq!((&modified, &shop.show(&order).await), (&expected, &expected), "nothing else has changed");
    shop.settle().await;
    assert_eq!(delivery(&shop, &order).await, (json!("서울"), json!("MODIFIED")));
    let events = shop.events_of(&order).await;
    assert_eq!(types(&events)[5..], ["OrderModified", "DeliveryModified"]);
    for event in &events[5..] {
        assert_eq!((&event.data["address"], &event.data["modification"]), (&json!("서울"), &json!(1)));
    }
    let completed = shop.post(&format!("/deliveries/{order}/complete"), &json!({})).await;
    assert_eq!(completed.json()["status"], "COMPLETED", "a modified delivery arrives like any other");
    // What has arrived stays where it is.
    redirect(&shop, &order, "PUSAN").await;
    shop.settle().await;
    assert_eq!(delivery(&shop, &order).await, (json!("서울"), json!("COMPLETED")));
    shop.leave().await;
}

#[tokio::test]
async fn the_same_address_again_is_answered_and_nothing_happens() {
    let shop = STAGE.enter().await;
    let order = placed_to_pusan(&shop).await;
    assert_eq!(redirect(&shop, &order, "PUSAN").await, shop.show(&order).await);
    shop.settle().await;
    shop.history(&order, &PLACED).await;
    assert_eq!(delivery(&shop, &order).await, (json!("PUSAN"), json!("STARTED")));
    shop.leave().await;
}

#[tokio::test]
async fn c_063_what_is_over_or_unknown_is_not_modified() {
    let shop = STAGE.enter().await;
    let (order, product) = (placed_to_pusan(&shop).await, shop.product(1).await);
    redirect(&shop, &order, "SEOUL").await;
    let modified = shop.event(&order, "OrderModified").await;
    assert_eq!(shop.delete(&format!("/orders/{order}")).await.status, 200);
    let rejected = shop.order_of(&product, 2).await;
    shop.rejected(&rejected, "INVENTORY").await;
    shop.settle().await;
    let before = shop.events_of(&order).await;
    for (id, status) in [(&order, 409), (&rejected, 409), (&shop.unique("nobody"), 404)] {
        let answer = shop.patch(&format!("/orders/{id}"), &json!({"address": "INCHEON"})).await;
        assert_eq!((answer.status, answer.header("content-type")), (status, "application/problem+json"));
    }
    // The event of the modification, delivered again with a number that nothing has reached.
    let mut late = modified.clone();
    late.data["modification"] = json!(9);
    shop.deliver("modify-delivery", &[&modified, &late]).await;
    shop.settle().await;
    assert_eq!(shop.events_of(&order).await, before);
    assert_eq!(delivery(&shop, &order).await, (json!("SEOUL"), json!("CANCELLED")));
    shop.leave().await;
}

#[tokio::test]
async fn a_modification_without_an_order_or_a_number_is_parked() {
    let shop = STAGE.enter().await;
    let order = shop.unique("order");
    for data in
        [json!({}), json!({"customerId": "hong", "address": "SEOUL", "items": [{"productId": "1", "quantity": 1}]})]
    {
        let record = shop.record(&shop.made_up(&order, "OrderModified", &data));
        assert_eq!(shop.deliver_records("modify-delivery", std::slice::from_ref(&record)).await, [0; 0]);
        shop.parked("modify-delivery", &record).await;
    }
    assert_eq!(shop.item("deliveries", &format!("delivery#{order}")).await, None);
    shop.leave().await;
}

#[tokio::test]
async fn an_older_modification_never_overwrites_a_newer_one() {
    let shop = STAGE.enter_alone().await;
    let order = placed_to_pusan(&shop).await;
    shop.stop("modify-delivery").await;
    for address in ["SEOUL", "INCHEON", "DAEGU"] {
        redirect(&shop, &order, address).await;
    }
    let all = async || shop.events_of(&order).await;
    let events = shop.until(all, |events| count(events, "OrderModified") == 3).await;
    let [seoul, incheon, daegu] = &events[5..] else { panic!("{:?}", types(&events)) };
    shop.deliver("modify-delivery", &[incheon]).await;
    shop.deliver("modify-delivery", &[seoul]).await;
    assert_eq!(delivery(&shop, &order).await, (json!("INCHEON"), json!("MODIFIED")));
    shop.deliver("modify-delivery", &[daegu, incheon, seoul, daegu]).await;
    shop.clear("modify-delivery").await;
    shop.settle().await;
    assert_eq!(delivery(&shop, &order).await, (json!("DAEGU"), json!("MODIFIED")));
    assert_eq!(count(&shop.events_of(&order).await, "DeliveryModified"), 2);
    shop.leave().await;
}

#[tokio::test]
async fn c_039_a_modification_before_its_delivery_waits_for_it_unseen() {
    let shop = STAGE.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("start-delivery").await;
    let order = shop.order(&json!({"productId": product, "qty": 1, "address": "PUSAN"})).await;
    redirect(&shop, &order, "SEOUL").await;
    let item = async || shop.item("deliveries", &format!("delivery#{order}")).await;
    let waiting = shop.until(item, Option::is_some).await.unwrap();
    assert_eq!((&waiting["status"], waiting.get("outbox")), (&json!("PLACEHOLDER"), None));
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.status, 404);
    assert_eq!(shop.post(&format!("/deliveries/{order}/complete"), &json!({})).await.status, 404);
    assert!(!shop.get("/deliveries").await.text().contains(&order), "it is in no list");
    shop.clear("start-delivery").await;
    shop.placed(&order).await;
    shop.settle().await;
    let events = shop.events_of(&order).await;
    assert_eq!((count(&events, "DeliveryStarted"), count(&events, "DeliveryModified")), (1, 0));
    assert_eq!(shop.event(&order, "DeliveryStarted").await.data["address"], "SEOUL");
    assert_eq!(delivery(&shop, &order).await, (json!("SEOUL"), json!("STARTED")));
    shop.leave().await;
}

#[tokio::test]
async fn c_039_a_modification_of_an_order_that_nobody_knows_is_taken_once_and_parks_nothing() {
    let shop = STAGE.enter().await;
    let (order, product) = (shop.unique("order"), shop.product(10).await);
    let data = json!({"customerId": "hong", "address": "SEOUL", "modification": 1, "dueAt": FAR,
        "items": [{"productId": product, "quantity": 1}]});
    let modified = shop.made_up(&order, "OrderModified", &data);
    shop.deliver("modify-delivery", &[&modified, &modified]).await;
    let waiting = shop.item("deliveries", &format!("delivery#{order}")).await.unwrap();
    assert_eq!((&waiting["status"], &waiting["version"]), (&json!("PLACEHOLDER"), &json!(1)), "written once");
    // Its order is cancelled before it was heard of.
    let why = json!({"customerId": "hong", "reason": "CUSTOMER", "from": "PENDING", "items": data["items"]});
    let cancelled = shop.made_up(&order, "OrderCancelled", &why);
    shop.deliver("cancel-delivery", &[&cancelled]).await;
    shop.deliver("start-delivery", &[&shop.made_up(&order, "OrderCreated", &data)]).await;
    shop.settle().await;
    assert_eq!(shop.events_of(&order).await, []);
    assert_eq!(shop.item("deliveries", &format!("delivery#{order}")).await.unwrap()["status"], "TOMBSTONE");
    shop.leave().await;
}

/// PARK's order and KIM's as the tutorial has them, placed; answers KIM's.
async fn park_and_kim(shop: &Shop) -> String {
    let mut kim = String::new();
    for (customer, name, address) in [(1000, "TV", "SEOUL"), (2000, "RADIO", "PUSAN")] {
        let product = shop.product(100).await;
        let order =
            json!({"customerId": customer, "productId": product, "productName": name, "qty": 3, "address": address});
        kim = shop.order(&order).await;
        shop.placed(&kim).await;
    }
    kim
}

#[tokio::test]
async fn c_058_modify_then_cancel_with_slow_deliveries() {
    let shop = STAGE.enter_alone().await;
    let kim = park_and_kim(&shop).await;
    for function in ["modify-delivery", "cancel-delivery"] {
        shop.delay(function, 3_000).await;
    }
    redirect(&shop, &kim, "SEOUL").await;
    // KIM thinks for a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(shop.delete(&format!("/orders/{kim}")).await.status, 200);
    assert_eq!(delivery(&shop, &kim).await, (json!("PUSAN"), json!("STARTED")), "neither has come there yet");
    shop.event(&kim, "DeliveryCancelled").await;
    let events = shop.events_of(&kim).await;
    let modified = events.iter().position(|event| event.event_type == "DeliveryModified").unwrap();
    let cancelled = events.iter().position(|event| event.event_type == "DeliveryCancelled").unwrap();
    assert!(modified < cancelled && events[modified].data["address"] == "SEOUL", "{:?}", types(&events));
    assert_eq!(delivery(&shop, &kim).await, (json!("SEOUL"), json!("CANCELLED")));
    for function in ["modify-delivery", "cancel-delivery"] {
        shop.clear(function).await;
    }
    shop.settle().await;
    shop.leave().await;
}

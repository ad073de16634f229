//! Likes that change, and events that are counted.

use serde_json::{Value, json};
use whenever::kit::{Scenario, given};
use whenever::{Envelope, Received};

use super::{
    Counted, Like, LikeChanged, ProductMetrics, ProductViewed, Sale, SaleCancelled, count, like, metrics_view, unlike,
};
use crate::values::ProductId;

/// An event of this id that was received at this second of 2026.
fn event<E: Counted>(id: &str, second: u32, data: &Value) -> Received<E> {
    let fields = json!({
        "specversion": "1.0", "id": id, "source": "/test", "type": E::TYPE, "subject": "1",
        "time": format!("2026-01-01T00:00:{second:02}.000Z"), "data": data,
    });
    let envelope = Envelope::decode(fields.to_string().as_bytes()).unwrap();
    Received { id: envelope.id.clone(), time: envelope.time, data: envelope.data().unwrap() }
}

fn view(id: &str) -> Received<ProductViewed> {
    event(id, 1, &json!({"productId": "1"}))
}

fn items(lines: &[(&str, i64)]) -> Value {
    lines.iter().map(|(product, quantity)| json!({"productId": product, "quantity": quantity})).collect()
}

fn sale(id: &str, lines: &[(&str, i64)]) -> Received<Sale> {
    event(id, 2, &json!({"items": items(lines)}))
}

fn cancelled(id: &str, from: &str, lines: &[(&str, i64)]) -> Received<SaleCancelled> {
    event(id, 3, &json!({"from": from, "items": items(lines)}))
}

fn changed(id: &str, liked: bool) -> Received<LikeChanged> {
    event(id, 1, &json!({"productId": "1", "userId": "hong", "liked": liked}))
}

/// Likes, views, pieces sold and orders of a product, as readers see them.
fn shown(shop: &Scenario, product: &str) -> [i64; 4] {
    let id = ProductId::new(product).unwrap();
    let shown = json!(metrics_view(&id, shop.state::<ProductMetrics>(product)));
    ["likeCount", "viewCount", "salesCount", "orderCount"].map(|name| shown[name].as_i64().unwrap())
}

#[test]
fn only_a_like_that_changes_something_is_told() {
    let mut shop = given();
    let (like, unlike) = (like(1.into(), 2.into()), unlike(1.into(), 2.into()));
    assert!(shop.when(unlike.clone()).events.is_empty());
    let liked = shop.when(like.clone());
    let told = liked.event::<LikeChanged>();
    assert_eq!((told.product_id.as_str(), told.user_id.as_str(), told.liked), ("1", "2", true));
    assert_eq!((liked.events[0].partitionkey.as_str(), liked.events[0].correlationid.as_str()), ("1", "1"));
    assert!(shop.when(like.clone()).events.is_empty());
    assert!(!shop.when(unlike.clone()).event::<LikeChanged>().liked);
    assert!(shop.when(unlike).events.is_empty());
    assert!(shop.when(like).event::<LikeChanged>().liked);
}

#[test]
fn likes_of_ids_that_look_alike_are_two() {
    let key = |product: &str, user: &str| {
        Like::key(&product.to_owned().try_into().unwrap(), &user.to_owned().try_into().unwrap())
    };
    assert_ne!(key("a/b", "c"), key("a", "b/c"));
    assert_ne!(key("a%2Fb", "c"), key("a/b", "c"));
    assert_eq!(key("1", "hong"), "1/hong");
}

#[test]
fn c_104_a_view_is_counted_and_nothing_else() {
    let mut shop = given();
    let view = view("v");
    shop.when(count(&view));
    assert_eq!(shown(&shop, "1"), [0, 1, 0, 0]);
    assert_eq!(shop.state::<ProductMetrics>("1").unwrap().last_event_at, view.time);
}

#[test]
fn c_105_an_event_that_comes_again_counts_once() {
    let mut shop = given();
    for _ in 0..5 {
        shop.when(count(&changed("l", true)));
        shop.when(count(&view("v")));
        shop.when(count(&sale("s", &[("1", 5)])));
    }
    assert_eq!(shown(&shop, "1"), [1, 1, 5, 1]);
}

#[test]
fn c_106_events_of_different_ids_all_count() {
    let mut shop = given();
    for id in ["a", "b", "c", "d", "e"] {
        shop.when(count(&changed(id, true)));
    }
    assert_eq!(shown(&shop, "1"), [5, 0, 0, 0]);
}

#[test]
fn c_109_an_order_counts_once_for_each_of_its_products_and_nothing_for_no_pieces() {
    let mut shop = given();
    shop.when(count(&sale("a", &[("3", 2)])));
    assert_eq!(shown(&shop, "3"), [0, 0, 2, 1]);
    shop.when(count(&sale("b", &[("3", 1), ("4", 7), ("3", 4), ("3", 0)])));
    assert_eq!((shown(&shop, "3"), shown(&shop, "4")), ([0, 0, 7, 2], [0, 0, 7, 1]));
    shop.when(count(&sale("c", &[("3", 0), ("5", 0)])));
    assert_eq!((shown(&shop, "3"), shown(&shop, "5")), ([0, 0, 7, 2], [0, 0, 0, 0]));
    assert_eq!(shop.state::<ProductMetrics>("5"), None);
}

#[test]
fn only_what_was_placed_is_taken_off() {
    let mut shop = given();
    shop.when(count(&sale("placed", &[("1", 5)])));
    shop.when(count(&cancelled("pending", "PENDING", &[("1", 5)])));
    assert_eq!(shown(&shop, "1"), [0, 0, 5, 1]);
    shop.when(count(&cancelled("cancelled", "PLACED", &[("1", 5)])));
    assert_eq!(shown(&shop, "1"), [0, 0, 0, 0]);
}

#[test]
fn the_order_of_events_does_not_matter_and_readers_see_nothing_below_zero() {
    let mut shop = given();
    shop.when(count(&cancelled("c", "PLACED", &[("1", 5)])));
    shop.when(count(&changed("gone", false)));
    assert_eq!(shown(&shop, "1"), [0, 0, 0, 0]);
    shop.when(count(&sale("s", &[("1", 5)])));
    shop.when(count(&changed("come", true)));
    assert_eq!(shown(&shop, "1"), [0, 0, 0, 0]);
    shop.when(count(&sale("t", &[("1", 2)])));
    assert_eq!(shown(&shop, "1"), [0, 0, 2, 1]);
    assert_eq!(shop.state::<ProductMetrics>("1").unwrap().last_event_at.to_string(), "2026-01-01T00:00:03.000Z");
}

#[test]
fn a_product_without_metrics_answers_zeros() {
    let id = ProductId::from(7);
    let expected = json!({"productId": "7", "likeCount": 0, "viewCount": 0, "salesCount": 0, "orderCount": 0});
    assert_eq!(json!(metrics_view(&id, None)), expected);
}

#[test]
fn pieces_that_are_none_cannot_be_read() {
    for quantity in [json!(-1), json!(1.5), json!("2"), json!(null)] {
        let data = json!({"items": [{"productId": "1", "quantity": quantity}]});
        assert!(serde_json::from_value::<Sale>(data.clone()).is_err(), "{data}");
    }
}

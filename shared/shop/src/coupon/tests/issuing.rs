//! First come, first served; one per customer.

use serde_json::json;
use whenever::kit::given;
use whenever::{Aggregate, Refusal};

use super::{ask, campaign, money, remaining, requested, user_coupon};
use crate::coupon::{CouponIssued, Terms, UserCoupon, create, issue, user_view, view};
use crate::values::{CouponId, CouponQuantity, CustomerId};

#[test]
fn c_091_the_first_customers_get_a_coupon_and_the_next_one_does_not() {
    let mut campaign = campaign(Some(2));
    for user in [1, 2] {
        let issued = ask(&mut campaign, 1, user);
        assert_eq!((issued.types(), issued.events[0].partitionkey.as_str()), (vec!["CouponIssued"], "1"));
        assert_eq!(issued.event::<CouponIssued>().discount, money(1_000));
    }
    let refused = ask(&mut campaign, 1, 3);
    assert_eq!((refused.types(), refused.events[0].partitionkey.as_str()), (vec!["CouponRefused"], "1"));
    assert_eq!(refused.events[0].data["reason"], "SOLD_OUT");
    assert_eq!(remaining(&campaign), Some(0));
    let shown = serde_json::to_value(view(campaign.state("1").unwrap())).unwrap();
    assert_eq!(shown, json!({"id": "1", "quantity": 2, "remaining": 0, "issued": 2, "discount": 1_000}));
}

#[test]
fn c_095_a_customer_who_has_a_coupon_gets_no_second_one() {
    let mut campaign = campaign(Some(100));
    ask(&mut campaign, 1, 1);
    let before = user_coupon(&campaign, 1).clone();
    for _ in 0..3 {
        assert!(ask(&mut campaign, 1, 1).events.is_empty());
    }
    assert_eq!((user_coupon(&campaign, 1), remaining(&campaign)), (&before, Some(99)));
}

#[test]
fn c_097_c_099_a_request_that_is_delivered_again_changes_nothing() {
    let mut campaign = campaign(Some(1));
    let [first, second] = [1, 2].map(|user| requested(&campaign, 1, user));
    assert_eq!(campaign.when(issue(&first)).types(), ["CouponIssued"]);
    assert_eq!(campaign.when(issue(&second)).types(), ["CouponRefused"]);
    for again in [&first, &second] {
        assert!(campaign.when(issue(again)).events.is_empty());
    }
    assert_eq!(remaining(&campaign), Some(0));
}

#[test]
fn a_customer_who_was_refused_may_ask_again() {
    let mut campaign = given();
    let early = requested(&campaign, 1, 1);
    assert_eq!(campaign.when(issue(&early)).events[0].data["reason"], "UNKNOWN_COUPON");
    let terms = Terms { quantity: CouponQuantity::new(5).ok(), ..Terms::default() };
    campaign.when(create(1.into(), terms)).outcome.unwrap();
    assert!(campaign.when(issue(&early)).events.is_empty(), "what was asked then is answered");
    assert!(user_coupon(&campaign, 1).expires_at().is_some());
    assert_eq!(ask(&mut campaign, 1, 1).types(), ["CouponIssued"]);
    assert_eq!(user_coupon(&campaign, 1).expires_at(), None);
    assert_eq!(remaining(&campaign), Some(4));
}

#[test]
fn c_103_an_unlimited_coupon_is_issued_to_everybody() {
    let mut campaign = campaign(None);
    (1..=50).for_each(|user| assert_eq!(ask(&mut campaign, 1, user).types(), ["CouponIssued"]));
    let shown = serde_json::to_value(view(campaign.state("1").unwrap())).unwrap();
    assert_eq!(shown, json!({"id": "1", "issued": 50, "discount": 1_000}));
}

#[test]
fn who_was_refused_is_in_no_list() {
    let mut campaign = campaign(Some(1));
    [1, 2].into_iter().for_each(|user| drop(ask(&mut campaign, 1, user)));
    assert_eq!(user_coupon(&campaign, 1).listed_in().as_deref(), Some("1"));
    let refused = user_coupon(&campaign, 2);
    assert_eq!(refused.listed_in(), None);
    let shown = serde_json::to_value(user_view(refused)).unwrap();
    assert_eq!(shown, json!({"couponId": "1", "userId": "2", "status": "REFUSED", "reason": "SOLD_OUT"}));
    // The index of a customer's coupons is sorted by this attribute, so it holds only items that have it.
    assert!(serde_json::to_value(refused).unwrap().get("issuedAt").is_none());
}

#[test]
fn no_coupon_of_one_customer_has_the_id_of_another_ones() {
    let key =
        |coupon: &str, user: &str| UserCoupon::key(&CouponId::new(coupon).unwrap(), &CustomerId::new(user).unwrap());
    assert_ne!(key("a/b", "c"), key("a", "b/c"));
    assert_ne!(key("a%2Fb", "c"), key("a/b", "c"));
}

#[test]
fn a_coupon_is_created_once() {
    let mut campaign = campaign(Some(2));
    assert!(matches!(campaign.when(create(1.into(), Terms::default())).outcome, Err(Refusal::Taken(_))));
    assert_eq!(remaining(&campaign), Some(2));
}

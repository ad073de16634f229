//! Orders that claim coupons, use them, and give them back.

use std::time::Duration;

use serde_json::json;
use whenever::kit::{Scenario, received};
use whenever::{Aggregate, Received, Refusal};

use super::{ask, campaign, money, user_coupon};
use crate::coupon::{Claim, Coupon, CouponReserved, UserCoupon, release, reserve, use_up};
use crate::inventory::StockDecreased;
use crate::order::{OrderPlaced, OrderRejected, Reason};
use crate::saga_tests::lines;
use crate::values::{Bill, Money, OrderId};

fn decreased(campaign: &Scenario, order: u64, customer: u64, total: i64) -> Received<StockDecreased> {
    let data = StockDecreased {
        order_id: order.into(),
        customer_id: customer.into(),
        items: lines(&[(1, 1)]),
        coupon_id: Some(1.into()),
        total: money(total),
        due_at: campaign.now().plus(Duration::from_secs(5)),
    };
    received(campaign.now(), data)
}

fn placed(campaign: &Scenario, order: u64, customer: u64) -> Received<OrderPlaced> {
    let data = OrderPlaced {
        order_id: order.into(),
        customer_id: customer.into(),
        items: lines(&[(1, 1)]),
        coupon_id: Some(1.into()),
        bill: Bill::new(money(3_000), money(1_000)),
    };
    received(campaign.now(), data)
}

fn rejected(campaign: &Scenario, order: u64, customer: u64) -> Received<OrderRejected> {
    let data = OrderRejected {
        order_id: order.into(),
        customer_id: customer.into(),
        coupon_id: Some(1.into()),
        reason: Reason::Deadline,
        message: String::new(),
    };
    received(campaign.now(), data)
}

#[test]
fn a_coupon_is_reserved_for_an_order_and_used_when_it_is_placed() {
    let mut campaign = campaign(Some(2));
    ask(&mut campaign, 1, 1);
    let event = decreased(&campaign, 7, 1, 3_000);
    let reserved = campaign.when(reserve(&event)).event::<CouponReserved>();
    assert_eq!(reserved.bill, Bill::new(money(3_000), money(1_000)));
    assert_eq!((reserved.bill.payable(), reserved.due_at), (money(2_000), event.due_at));
    assert_eq!(reserved.items, lines(&[(1, 1)]));
    assert!(campaign.when(reserve(&event)).events.is_empty());
    for _ in 0..2 {
        let event = placed(&campaign, 7, 1);
        let then = campaign.when(use_up(&event));
        assert!(then.outcome.is_ok() && then.events.is_empty());
    }
    assert!(matches!(user_coupon(&campaign, 1), UserCoupon::Used { .. }));
}

#[test]
fn a_coupon_that_is_worth_more_than_the_order_leaves_nothing_to_pay() {
    let mut campaign = campaign(Some(1));
    ask(&mut campaign, 1, 1);
    let event = decreased(&campaign, 7, 1, 400);
    let bill = campaign.when(reserve(&event)).event::<CouponReserved>().bill;
    assert_eq!((bill.discount(), bill.payable()), (money(1_000), Money::ZERO));
}

#[test]
fn an_order_does_not_get_a_coupon_that_its_customer_cannot_give() {
    let mut campaign = campaign(Some(1));
    [1, 2].into_iter().for_each(|user| drop(ask(&mut campaign, 1, user)));
    let refusal = |campaign: &mut Scenario, order: u64, customer: u64| {
        let event = decreased(campaign, order, customer, 3_000);
        let then = campaign.when(reserve(&event));
        assert_eq!((then.types(), &then.events[0].data["reason"]), (vec!["CouponReserveFailed"], &json!("COUPON")));
        then.events[0].data["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(refusal(&mut campaign, 1, 2), "customer 2 has no coupon 1");
    assert_eq!(refusal(&mut campaign, 2, 3), "customer 3 has no coupon 1");
    let event = decreased(&campaign, 3, 1, 3_000);
    campaign.when(reserve(&event));
    assert_eq!(refusal(&mut campaign, 4, 1), "another order of customer 1 is being paid with coupon 1");
    let event = placed(&campaign, 3, 1);
    campaign.when(use_up(&event));
    assert_eq!(refusal(&mut campaign, 5, 1), "customer 1 has used coupon 1 already");
}

#[test]
fn c_089_a_coupon_is_given_back_once_and_may_be_claimed_again() {
    let mut campaign = campaign(Some(1));
    ask(&mut campaign, 1, 1);
    let before = user_coupon(&campaign, 1).clone();
    for used in [false, true] {
        let order = 7 + u64::from(used);
        let event = decreased(&campaign, order, 1, 3_000);
        campaign.when(reserve(&event));
        if used {
            let event = placed(&campaign, order, 1);
            campaign.when(use_up(&event));
        }
        let event = rejected(&campaign, order, 1);
        assert_eq!(campaign.when(release(&event)).types(), ["CouponReleased"]);
        assert!(campaign.when(release(&event)).events.is_empty());
        assert_eq!(user_coupon(&campaign, 1), &before);
    }
    // The first order's claim was released: neither its late placing nor its late rejection touches the second one's.
    let event = decreased(&campaign, 9, 1, 3_000);
    campaign.when(reserve(&event));
    let (late_placing, late_rejection) = (placed(&campaign, 7, 1), rejected(&campaign, 7, 1));
    assert!(campaign.when(use_up(&late_placing)).outcome.is_ok());
    assert!(campaign.when(release(&late_rejection)).events.is_empty());
    assert!(
        matches!(user_coupon(&campaign, 1), UserCoupon::Reserved { order_id, .. } if *order_id == OrderId::from(9))
    );
}

#[test]
fn a_coupon_that_is_given_back_before_it_was_claimed_is_never_claimed() {
    let mut campaign = campaign(Some(1));
    ask(&mut campaign, 1, 1);
    let event = rejected(&campaign, 7, 1);
    assert!(campaign.when(release(&event)).events.is_empty());
    let event = decreased(&campaign, 7, 1, 3_000);
    assert!(campaign.when(reserve(&event)).events.is_empty());
    assert!(matches!(campaign.state("7"), Some(Claim::Tombstone { .. })));
    assert!(matches!(user_coupon(&campaign, 1), UserCoupon::Issued(_)));
}

#[test]
fn no_coupon_is_reserved_after_the_deadline() {
    let mut campaign = campaign(Some(1));
    ask(&mut campaign, 1, 1);
    let event = decreased(&campaign, 7, 1, 3_000);
    campaign.wait(Duration::from_secs(6));
    assert!(campaign.when(reserve(&event)).events.is_empty());
    assert!(campaign.state::<Claim>("7").is_none());
}

#[test]
fn an_order_that_was_placed_with_a_coupon_that_it_never_had_is_a_broken_invariant() {
    let mut campaign = campaign(Some(1));
    ask(&mut campaign, 1, 1);
    let event = placed(&campaign, 7, 1);
    assert!(matches!(campaign.when(use_up(&event)).outcome, Err(Refusal::Broken(_))));
}

#[test]
fn an_order_without_a_coupon_asks_nothing_of_coupons() {
    let mut campaign = campaign(Some(1));
    let mut event = decreased(&campaign, 7, 1, 3_000);
    event.data.coupon_id = None;
    assert!(campaign.when(reserve(&event)).events.is_empty());
    assert!(campaign.state::<Claim>("7").is_none());
}

#[test]
fn what_is_stored_reads_back_in_every_state_and_is_small() {
    let mut campaign = campaign(Some(3));
    (1..=4).for_each(|user| drop(ask(&mut campaign, 1, user)));
    for (order, customer) in [(1, 1), (2, 2), (3, 3), (4, 4)] {
        let event = decreased(&campaign, order, customer, 3_000);
        campaign.when(reserve(&event));
    }
    let (used, released) = (placed(&campaign, 2, 2), [rejected(&campaign, 3, 3), rejected(&campaign, 5, 3)]);
    campaign.when(use_up(&used));
    released.iter().for_each(|event| drop(campaign.when(release(event))));
    for order in ["1", "2", "3", "4", "5"] {
        read_back(campaign.state::<Claim>(order).unwrap());
    }
    (1..=4).for_each(|user| read_back(user_coupon(&campaign, user)));
    read_back(campaign.state::<Coupon>("1").unwrap());
}

fn read_back<A: Aggregate + PartialEq>(stored: &A) {
    let text = serde_json::to_string(stored).unwrap();
    assert_eq!(&serde_json::from_str::<A>(&text).unwrap(), stored);
    assert!(text.len() < 400, "{} bytes leave too little of one KB to key and outbox: {text}", text.len());
}

//! One order: what is asked of it, and what it answers.

use std::time::Duration;

use whenever::kit::{given, received, transition};
use whenever::{Aggregate, Refusal, Timestamp};

use super::{NewOrder, Order, OrderCommand, OrderRejected, Reason, Status, create, place, reject};
use crate::delivery::DeliveryFailed;
use crate::payment::PaymentCompleted;
use crate::saga_tests::lines;
use crate::values::{Address, Bill, CustomerId, Money};

const LATE: Timestamp = Timestamp::MAX;

fn bill() -> Bill {
    Bill::new(Money::given(6_000).unwrap(), Money::ZERO)
}

fn new_order() -> NewOrder {
    NewOrder {
        order_id: 7.into(),
        customer_id: CustomerId::new("hong").unwrap(),
        items: lines(&[(1, 3)]),
        address: Address::new("서울").unwrap(),
        coupon_id: None,
        deadline: Duration::from_secs(5),
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

/// An order created at 0, after `commands`.
fn order(commands: &[OrderCommand]) -> Order {
    let (mut order, _) = transition::<Order>(None, OrderCommand::Create(new_order()), at(0)).unwrap();
    for command in commands {
        (order, _) = transition(order.as_ref(), command.clone(), at(1)).unwrap();
    }
    order.unwrap()
}

fn rejected() -> OrderCommand {
    OrderCommand::Reject { reason: Reason::Delivery, message: "too far".to_owned() }
}

#[test]
fn c_001_an_order_is_accepted_and_says_so() {
    let mut shop = given();
    let then = shop.when(create(new_order()));
    assert_eq!(then.types(), ["OrderCreated"]);
    assert_eq!(then.events[0].partitionkey, "7");
    let created = then.event::<super::OrderCreated>();
    assert_eq!(created.customer_id.as_str(), "hong");
    assert_eq!(created.items, lines(&[(1, 3)]));
    assert_eq!(created.due_at, shop.now().plus(Duration::from_secs(5)));
}

#[test]
fn c_007_an_order_id_that_is_taken_is_refused_and_nothing_is_emitted() {
    let mut shop = given();
    assert!(shop.when(create(new_order())).outcome.is_ok());
    let again = shop.when(create(new_order()));
    assert_eq!(again.outcome, Err(Refusal::Taken("order 7".to_owned())));
    assert!(again.events.is_empty());
}

#[test]
fn c_017_the_first_end_of_an_order_is_its_only_one() {
    let ends = [OrderCommand::Place(bill()), rejected(), OrderCommand::ReachDeadline];
    for first in [OrderCommand::Place(bill()), rejected(), OrderCommand::Cancel] {
        let order = order(std::slice::from_ref(&first));
        for late in &ends {
            let (after, events) = transition(Some(&order), late.clone(), LATE).unwrap();
            assert_eq!((after.as_ref(), events.len()), (Some(&order), 0), "{first:?}, then {late:?}");
        }
    }
}

#[test]
fn c_050_the_deadline_is_reached_strictly_after_it() {
    let pending = order(&[]);
    assert_eq!(pending.due_at(), Some(at(5_000)));
    let (_, none) = transition(Some(&pending), OrderCommand::ReachDeadline, at(5_000)).unwrap();
    assert!(none.is_empty());
    let (after, events) = transition(Some(&pending), OrderCommand::ReachDeadline, at(5_001)).unwrap();
    assert_eq!(events, ["DeadlineReached", "OrderRejected"]);
    assert_eq!(after.unwrap().due_at(), None);
}

#[test]
fn c_057_only_a_living_order_can_be_cancelled() {
    for dead in [OrderCommand::Cancel, rejected()] {
        let refusal = transition(Some(&order(&[dead])), OrderCommand::Cancel, LATE).unwrap_err();
        assert!(matches!(refusal, Refusal::Forbidden(_)));
    }
    assert!(matches!(transition::<Order>(None, OrderCommand::Cancel, LATE), Err(Refusal::Missing(_))));
}

#[test]
fn c_063_only_a_living_order_can_be_modified() {
    let modify = || OrderCommand::Modify(Address::new("부산").unwrap());
    for living in [vec![], vec![OrderCommand::Place(bill())]] {
        let before = order(&living);
        let (after, events) = transition(Some(&before), modify(), LATE).unwrap();
        let after = after.unwrap();
        assert_eq!((events, after.status(), after.due_at()), (vec!["OrderModified"], before.status(), before.due_at()));
        assert_eq!((after.address.as_str(), after.modification), ("부산", before.modification.next()));
        assert_eq!(transition(Some(&after), modify(), LATE).unwrap(), (Some(after), vec![]), "it is so already");
    }
    for dead in [OrderCommand::Cancel, rejected()] {
        let refusal = transition(Some(&order(&[dead])), modify(), LATE).unwrap_err();
        assert!(matches!(refusal, Refusal::Forbidden(_)));
    }
    assert!(matches!(transition::<Order>(None, modify(), LATE), Err(Refusal::Missing(_))));
}

#[test]
fn an_event_about_an_order_that_never_was_is_a_broken_invariant() {
    let mut shop = given();
    let completed = PaymentCompleted { order_id: 7.into(), customer_id: 1.into(), bill: bill() };
    let failed = DeliveryFailed { order_id: 7.into(), message: "too far".to_owned() };
    let now = shop.now();
    assert!(matches!(shop.when(place(&received(now, completed))).outcome, Err(Refusal::Broken(_))));
    assert!(matches!(shop.when(reject(&received(now, failed))).outcome, Err(Refusal::Broken(_))));
}

#[test]
fn a_rejection_tells_the_compensations_whose_order_it_was_and_why() {
    let mut shop = given().having("7", order(&[]));
    let now = shop.now();
    let failed = DeliveryFailed { order_id: 7.into(), message: "too far".to_owned() };
    let rejected = shop.when(reject(&received(now, failed))).event::<OrderRejected>();
    assert_eq!((rejected.customer_id.as_str(), rejected.reason), ("hong", Reason::Delivery));
    assert_eq!(rejected.message, "too far");
    assert_eq!(shop.state::<Order>("7").map(Order::status), Some(Status::Rejected));
}

#[test]
fn a_stored_order_is_small_and_reads_back_in_every_state() {
    let modify = OrderCommand::Modify(Address::new("부산").unwrap());
    let ends = [vec![], vec![OrderCommand::Place(bill())], vec![rejected()], vec![OrderCommand::Cancel]];
    for commands in ends.clone().into_iter().chain(ends.map(|end| [vec![modify.clone()], end].concat())) {
        let order = order(&commands);
        let text = serde_json::to_string(&order).unwrap();
        assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
        assert!(text.len() < 400, "{} bytes leave too little of one KB to key and outbox: {text}", text.len());
    }
}

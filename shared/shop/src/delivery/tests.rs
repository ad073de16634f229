//! One delivery: what is asked of it, and what it answers.

use whenever::kit::transition;
use whenever::{Refusal, Timestamp};

use super::{Delivery, DeliveryCommand, NewDelivery, Shipment, view};
use crate::saga_tests::lines;
use crate::values::Address;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn start(deliverable: bool) -> DeliveryCommand {
    let shipment = Shipment {
        order_id: 7.into(),
        customer_id: 1.into(),
        address: Address::new("경기도").unwrap(),
        items: lines(&[(1, 5)]),
    };
    DeliveryCommand::Start(NewDelivery { shipment, due_at: at(5_000), deliverable })
}

/// What the commands, one after the other, make of a delivery; with the events of the last one.
fn after(commands: &[DeliveryCommand]) -> Result<(Option<Delivery>, Vec<&'static str>), Refusal> {
    commands.iter().try_fold((None, Vec::new()), |(delivery, _): (Option<Delivery>, _), command| {
        transition(delivery.as_ref(), command.clone(), at(0))
    })
}

fn cancel() -> DeliveryCommand {
    DeliveryCommand::Cancel(7.into())
}

#[test]
fn c_004_a_delivery_has_all_that_the_order_says() {
    let (delivery, events) = after(&[start(true)]).unwrap();
    assert_eq!(events, ["DeliveryStarted"]);
    let shown = serde_json::to_value(view(&delivery.unwrap())).unwrap();
    let expected = serde_json::json!({
        "orderId": "7", "customerId": "1", "status": "STARTED", "address": "경기도",
        "items": [{"productId": "1", "quantity": 5}],
    });
    assert_eq!(shown, expected);
}

#[test]
fn c_042_a_delivery_is_not_begun_after_the_deadline_and_leaves_nothing() {
    let begun = |ms| transition::<Delivery>(None, start(true), at(ms)).unwrap();
    assert_eq!(begun(5_000).1, ["DeliveryStarted"]);
    assert_eq!(begun(5_001), (None, Vec::new()));
}

#[test]
fn a_delivery_that_arrived_or_is_under_way_can_be_called_back_once() {
    for living in [vec![start(true)], vec![start(true), DeliveryCommand::Complete]] {
        let once = [living, vec![cancel()]].concat();
        assert_eq!(after(&once).unwrap().1, ["DeliveryCancelled"]);
        let (delivery, events) = after(&[once, vec![cancel()]].concat()).unwrap();
        assert!(events.is_empty() && matches!(delivery, Some(Delivery::Cancelled(_))));
    }
}

#[test]
fn c_032_a_delivery_cancelled_before_it_began_never_begins_and_is_seen_by_nobody() {
    let (delivery, events) = after(&[cancel(), start(true)]).unwrap();
    assert!(events.is_empty());
    assert!(view(&delivery.unwrap()).is_none());
    assert!(matches!(after(&[cancel(), DeliveryCommand::Complete]), Err(Refusal::Missing(_))));
}

#[test]
fn a_failed_delivery_stays_failed() {
    let (delivery, events) = after(&[start(false), cancel()]).unwrap();
    assert!(events.is_empty() && matches!(delivery, Some(Delivery::Failed { .. })));
}

#[test]
fn only_a_delivery_under_way_can_arrive() {
    assert_eq!(after(&[start(true), DeliveryCommand::Complete]).unwrap().1, ["DeliveryCompleted"]);
    assert!(matches!(after(&[DeliveryCommand::Complete]), Err(Refusal::Missing(_))));
    for over in [DeliveryCommand::Complete, cancel()] {
        let refused = after(&[start(true), over, DeliveryCommand::Complete]);
        assert!(matches!(refused, Err(Refusal::Forbidden(_))));
    }
    assert!(matches!(after(&[start(false), DeliveryCommand::Complete]), Err(Refusal::Forbidden(_))));
}

#[test]
fn a_stored_delivery_reads_back_in_every_state() {
    let complete = DeliveryCommand::Complete;
    for commands in [
        vec![start(true)],
        vec![start(true), complete],
        vec![start(true), cancel()],
        vec![start(false)],
        vec![cancel()],
    ] {
        let (delivery, _) = after(&commands).unwrap();
        let text = serde_json::to_string(&delivery).unwrap();
        assert_eq!(serde_json::from_str::<Option<Delivery>>(&text).unwrap(), delivery);
    }
}

//! One delivery: what is asked of it, and what it answers.

use whenever::kit::transition;
use whenever::{Refusal, Timestamp};

use super::{Delivery, DeliveryCommand, Destination, NewDelivery, Shipment, UndeliverableAreas, view};
use crate::saga_tests::lines;
use crate::values::{Address, Modification};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

/// Where the order's modification number `times` has it delivered.
fn to(address: &str, times: u32) -> Destination {
    let modification = (0..times).fold(Modification::NONE, |modification, _| modification.next());
    Destination { address: Address::new(address).unwrap(), modification }
}

fn start_to(address: &str) -> DeliveryCommand {
    let shipment = Shipment {
        order_id: 7.into(),
        customer_id: 1.into(),
        destination: to(address, 0),
        items: lines(&[(1, 5)]),
        coupon_id: None,
    };
    let areas = UndeliverableAreas::parse("NOWHERE");
    DeliveryCommand::Start(NewDelivery { shipment, due_at: at(5_000), areas })
}

fn start(deliverable: bool) -> DeliveryCommand {
    start_to(if deliverable { "경기도" } else { "NOWHERE" })
}

fn modify(address: &str, times: u32) -> DeliveryCommand {
    DeliveryCommand::Modify(7.into(), to(address, times))
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

/// Every state, by the commands that lead to it.
fn states() -> Vec<Vec<DeliveryCommand>> {
    let complete = DeliveryCommand::Complete;
    vec![
        vec![],
        vec![modify("SEOUL", 1)],
        vec![start(true)],
        vec![start(true), modify("SEOUL", 1)],
        vec![start(true), complete],
        vec![start(true), cancel()],
        vec![start(false)],
        vec![cancel()],
    ]
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
    for living in
        [vec![start(true)], vec![start(true), modify("SEOUL", 1)], vec![start(true), DeliveryCommand::Complete]]
    {
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
    for living in [vec![start(true)], vec![start(true), modify("SEOUL", 1)]] {
        assert_eq!(after(&[living, vec![DeliveryCommand::Complete]].concat()).unwrap().1, ["DeliveryCompleted"]);
    }
    assert!(matches!(after(&[DeliveryCommand::Complete]), Err(Refusal::Missing(_))));
    for over in [DeliveryCommand::Complete, cancel()] {
        let refused = after(&[start(true), over, DeliveryCommand::Complete]);
        assert!(matches!(refused, Err(Refusal::Forbidden(_))));
    }
    assert!(matches!(after(&[start(false), DeliveryCommand::Complete]), Err(Refusal::Forbidden(_))));
}

#[test]
fn a_stored_delivery_reads_back_in_every_state() {
    for commands in states() {
        let (delivery, _) = after(&commands).unwrap();
        let text = serde_json::to_string(&delivery).unwrap();
        assert_eq!(serde_json::from_str::<Option<Delivery>>(&text).unwrap(), delivery);
    }
}

#[test]
fn what_has_ended_or_is_there_already_is_not_begun_again() {
    for commands in states().into_iter().skip(2) {
        let before = after(&commands).unwrap().0;
        let again = after(&[commands, vec![start(true)]].concat()).unwrap();
        assert_eq!(again, (before, vec![]));
    }
}

#[test]
fn a_modification_reaches_what_is_under_way_and_nothing_that_has_ended() {
    let modified = |commands: &Vec<DeliveryCommand>| after(&[commands.clone(), vec![modify("PUSAN", 2)]].concat());
    let states = states();
    for under_way in &states[2..4] {
        let (delivery, events) = modified(under_way).unwrap();
        assert_eq!(events, ["DeliveryModified"]);
        assert!(matches!(delivery, Some(Delivery::Modified(shipment)) if shipment.destination == to("PUSAN", 2)));
    }
    for ended in &states[4..] {
        assert_eq!(modified(ended).unwrap(), (after(ended).unwrap().0, vec![]));
    }
}

#[test]
fn a_modification_without_a_delivery_waits_unseen() {
    for commands in &states()[..2] {
        let (delivery, events) = after(&[commands.clone(), vec![modify("PUSAN", 2)]].concat()).unwrap();
        assert_eq!(delivery, Some(Delivery::Placeholder { order_id: 7.into(), destination: to("PUSAN", 2) }));
        assert!(events.is_empty() && view(&delivery.unwrap()).is_none());
    }
    let taken_over = after(&[modify("PUSAN", 2), start(true)]).unwrap();
    assert_eq!(taken_over.1, ["DeliveryStarted"]);
    assert!(matches!(taken_over.0, Some(Delivery::Started(shipment)) if shipment.destination == to("PUSAN", 2)));
    assert!(matches!(after(&[modify("PUSAN", 1), DeliveryCommand::Complete]), Err(Refusal::Missing(_))));
    assert_eq!(after(&[modify("PUSAN", 1), start_to("NOWHERE")]).unwrap().1, ["DeliveryStarted"]);
    assert_eq!(after(&[modify("NOWHERE", 1), start(true)]).unwrap().1, ["DeliveryFailed"]);
}

#[test]
fn neither_an_older_modification_nor_the_same_again_changes_anything() {
    for before in
        [vec![modify("PUSAN", 2)], vec![start(true), modify("PUSAN", 2)], vec![modify("PUSAN", 2), start(true)]]
    {
        let known = after(&before).unwrap().0;
        for late in [modify("SEOUL", 1), modify("PUSAN", 2)] {
            assert_eq!(after(&[before.clone(), vec![late]].concat()).unwrap(), (known.clone(), vec![]));
        }
    }
}

#[test]
fn an_address_that_waits_does_not_begin_a_delivery_after_the_deadline() {
    let (waiting, _) = after(&[modify("PUSAN", 1)]).unwrap();
    assert_eq!(transition(waiting.as_ref(), start(true), at(5_001)).unwrap(), (waiting.clone(), vec![]));
    let (gone, events) = transition(waiting.as_ref(), cancel(), at(5_002)).unwrap();
    assert!(events.is_empty() && matches!(gone, Some(Delivery::Tombstone { .. })));
}

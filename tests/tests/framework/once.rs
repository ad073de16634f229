//! Effects without a natural key: once per event, in as few transactions as their limit allows, and for nothing when it comes again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use whenever::ports::store::Put;
use whenever::{Outcome, Policy, Record};

use crate::kitchen::{Bell, ring_bell};
use crate::stand::{Fault, Stand, outcomes, record};

/// A door that is opened rings the bell of the same name.
fn opened(id: &str, door: &str) -> Record {
    record(id, "DoorOpened", door, json!({ "door": door }))
}

/// So many openings of one door.
fn openings(count: usize, door: &str) -> Vec<Record> {
    (0..count).map(|n| opened(&format!("{door}-{n}"), door)).collect()
}

/// Delivers a batch that has to be done; answers the writes that it took, those that failed included.
async fn done(stand: &Stand, policy: &Policy, batch: &[Record]) -> u32 {
    let before = stand.writes();
    let outcomes = outcomes(policy.run(batch, &stand.invocation(Duration::from_secs(60))).await);
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
    stand.writes() - before
}

async fn rung(stand: &Stand, door: &str) -> u32 {
    stand.state::<Bell>(door).await.map_or(0, |bell| bell.rung)
}

#[tokio::test]
async fn an_event_counts_once_and_every_other_event_too() {
    let stand = Stand::new().await;
    let bell = ring_bell();
    done(&stand, &bell, &[opened("a", "front"), opened("b", "front"), opened("a", "front")]).await;
    done(&stand, &bell, &[opened("b", "front"), opened("c", "front")]).await;
    assert_eq!(rung(&stand, "front").await, 3);
}

#[tokio::test]
async fn a_large_batch_on_one_aggregate_fills_its_transactions() {
    let stand = Stand::new().await;
    let before = stand.platform.store.usage();
    assert_eq!(done(&stand, &ring_bell(), &openings(3_000, "front")).await, 31, "99 markers and the bell in each");
    let used = stand.platform.store.usage() - before;
    assert_eq!(rung(&stand, "front").await, 3_000);
    // Each item of a transaction costs two units.
    assert_eq!((used.transactions, used.write_units), (31.0, 2.0 * 3_031.0));
    assert!(used.read_units <= 1.0, "only the bell is read: {used:?}");
}

#[tokio::test]
async fn c_115_a_large_batch_with_duplicates_counts_each_event_once_in_one_transaction_an_aggregate() {
    let stand = Stand::new().await;
    // Every tenth record is one that came before.
    let number = |n: usize| if n % 10 == 9 { n - 9 } else { n };
    let door = |n: usize| format!("door-{}", number(n) / 10 % 50);
    let batch: Vec<Record> = (0..3_000).map(|n| opened(&format!("event-{}", number(n)), &door(n))).collect();
    assert_eq!(done(&stand, &ring_bell(), &batch).await, 50);
    for n in 0..50 {
        assert_eq!(rung(&stand, &format!("door-{n}")).await, 54);
    }
}

#[tokio::test]
async fn what_comes_again_to_the_same_process_costs_no_call() {
    let stand = Stand::new().await;
    let (bell, batch) = (ring_bell(), openings(150, "front"));
    done(&stand, &bell, &batch).await;
    let before = stand.platform.store.usage();
    assert_eq!(done(&stand, &bell, &batch).await, 0);
    assert_eq!((stand.platform.store.usage() - before).calls, 0.0);
    assert_eq!(rung(&stand, "front").await, 150);
}

#[tokio::test]
async fn c_111_what_comes_again_to_a_new_process_is_found_by_its_markers() {
    let stand = Stand::new().await;
    let batch = openings(3_000, "front");
    done(&stand, &ring_bell(), &batch).await;
    let before = stand.platform.store.usage();
    let bell = ring_bell();
    assert_eq!(done(&stand, &bell, &batch).await, 1, "one transaction meets the markers");
    let used = stand.platform.store.usage() - before;
    assert_eq!((used.write_units, used.transactions), (0.0, 0.0), "nothing is written");
    assert_eq!(rung(&stand, "front").await, 3_000);
    assert_eq!(done(&stand, &bell, &batch).await, 0, "what was found is remembered");
}

#[tokio::test]
async fn a_batch_that_comes_again_after_half_of_it_was_done_costs_the_other_half() {
    let stand = Stand::new().await;
    let batch = openings(3_000, "front");
    done(&stand, &ring_bell(), &batch[..1_000]).await;
    // One that meets the markers, and 2,000 events in transactions of 99.
    assert_eq!(done(&stand, &ring_bell(), &batch).await, 1 + 21);
    assert_eq!(rung(&stand, "front").await, 3_000);
}

#[tokio::test]
async fn c_113_effect_and_marker_are_one_transaction_whose_answer_may_be_lost() {
    let stand = Stand::new().await;
    let lost = AtomicU32::new(0);
    stand.faults(move |_| (lost.fetch_add(1, Ordering::SeqCst) == 0).then_some(Fault::AnswerLost));
    done(&stand, &ring_bell(), &openings(150, "front")).await;
    assert_eq!(rung(&stand, "front").await, 150);
    // A process ends without having heard the answer, and its record comes again to the next one.
    let tries = AtomicU32::new(0);
    let fault = move |_: &[Put]| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => Some(Fault::AnswerLost),
        _ => Some(Fault::Refused),
    };
    stand.faults(fault);
    let handled = ring_bell().run(&[opened("last", "front")], &stand.invocation(Duration::from_millis(300))).await;
    assert!(handled[0].failed(), "{handled:?}");
    assert_eq!(rung(&stand, "front").await, 151);
    stand.faults(|_| None);
    done(&stand, &ring_bell(), &[opened("last", "front")]).await;
    assert_eq!(rung(&stand, "front").await, 151);
}

#[tokio::test]
async fn c_118_a_batch_that_fails_whole_is_reported_whole_and_remembered_nowhere() {
    let stand = Stand::new().await;
    let (bell, batch) = (ring_bell(), [opened("a", "front"), opened("b", "back")]);
    stand.faults(|_| Some(Fault::Refused));
    let handled = bell.run(&batch, &stand.invocation(Duration::from_millis(50))).await;
    assert!(handled.iter().all(whenever::Handled::failed), "{handled:?}");
    stand.faults(|_| None);
    assert_eq!((rung(&stand, "front").await, rung(&stand, "back").await), (0, 0));
    done(&stand, &bell, &batch).await;
    assert_eq!((rung(&stand, "front").await, rung(&stand, "back").await), (1, 1));
    assert!(stand.dead_letters().await.is_empty());
}

#[tokio::test]
async fn c_120_what_failed_in_one_batch_holds_nothing_up_in_the_next() {
    let stand = Stand::new().await;
    let bell = ring_bell();
    stand.faults(|puts| puts.iter().any(|put| put.item["pk"] == "bell#front").then_some(Fault::Refused));
    let first = [opened("a", "front"), opened("b", "back")];
    let handled = bell.run(&first, &stand.invocation(Duration::from_millis(300))).await;
    assert!(handled[0].failed() && !handled[1].failed(), "{handled:?}");
    stand.faults(|_| None);
    done(&stand, &bell, &[opened("c", "front")]).await;
    assert_eq!((rung(&stand, "front").await, rung(&stand, "back").await), (1, 1));
    done(&stand, &bell, &first).await;
    assert_eq!((rung(&stand, "front").await, rung(&stand, "back").await), (2, 1));
}

use std::collections::BTreeSet;

use whenever::item::OUTBOX;
use whenever::ports::store::Put;
use whenever::simulation::{Faults, Sabotage};

use crate::deployment::Deployment;
use crate::segment::{Ran, Segment};
use crate::shrink::shrink;

fn segment(seed: u64, orders: usize) -> Segment {
    Segment { seed, orders, faults: Faults::all(), sabotage: None }
}

fn run(segment: &Segment) -> Ran {
    segment.run(&Deployment::read().unwrap(), true).unwrap()
}

/// The first of `seeds` whose run of 100 orders fails, with what it says.
fn found(sabotage: Sabotage, seeds: u64) -> (Segment, Vec<String>) {
    let deployment = Deployment::read().unwrap();
    for seed in 0..seeds {
        let segment = Segment { sabotage: Some(sabotage), ..segment(seed, 100) };
        let violations = segment.run(&deployment, false).unwrap().verdict.violations;
        if !violations.is_empty() {
            return (segment, violations);
        }
    }
    panic!("{sabotage:?} was not found within {} orders", seeds * 100);
}

#[test]
fn whatever_goes_wrong_every_promise_is_kept() {
    for seed in 1..=6 {
        let Ran { verdict, faults, .. } = run(&segment(seed, 100));
        assert_eq!(verdict.violations, Vec::<String>::new(), "seed {seed}, faults: {faults}");
        assert!(verdict.placed + verdict.rejected + verdict.cancelled > 50, "{verdict:?}");
    }
}

#[test]
fn without_faults_orders_are_placed() {
    let ran = run(&Segment { faults: Faults::none(), ..segment(1, 100) });
    assert_eq!(ran.verdict.violations, Vec::<String>::new());
    assert!(ran.verdict.placed > 20, "{:?}", ran.verdict);
}

#[test]
fn a_seed_repeats_its_run_bit_by_bit_and_another_does_not() {
    let (first, again, other) = (run(&segment(7, 60)), run(&segment(7, 60)), run(&segment(8, 60)));
    assert_eq!((first.hash, first.lines, &first.history), (again.hash, again.lines, &again.history));
    assert_ne!(first.hash, other.hash);
}

#[test]
fn a_store_that_takes_a_put_whose_condition_does_not_hold_is_found() {
    found(Sabotage::Conditions, 20);
}

#[test]
fn a_compensation_that_leaves_no_tombstone_is_found() {
    fn tombstone(put: &Put) -> bool {
        let status = put.item.get("status").and_then(|status| status.as_str());
        status == Some("TOMBSTONE") && !put.item.contains_key(OUTBOX)
    }
    found(Sabotage::Drops(tombstone), 60);
}

#[test]
fn a_record_that_is_carried_out_before_an_earlier_one_of_its_key_is_found() {
    let (_, violations) = found(Sabotage::KeyStop, 20);
    assert!(
        violations.iter().any(|violation| violation.contains("an earlier record of its key had failed")),
        "{violations:?}"
    );
}

#[test]
fn events_that_are_published_out_of_their_items_order_are_found() {
    let (_, violations) = found(Sabotage::OutboxOrder, 20);
    assert!(violations.iter().any(|violation| violation.contains("is published after a later one")), "{violations:?}");
}

#[test]
fn what_fails_is_made_shorter_and_fails_still() {
    let deployment = Deployment::read().unwrap();
    let (failing, _) = found(Sabotage::KeyStop, 20);
    let short = shrink(failing.clone(), &deployment).unwrap();
    assert!(short.orders < failing.orders);
    let ran = short.run(&deployment, true).unwrap();
    assert!(!ran.verdict.violations.is_empty() && !ran.history.is_empty());
    let distinct: BTreeSet<&String> = ran.verdict.violations.iter().collect();
    assert_eq!(distinct.len(), ran.verdict.violations.len());
}

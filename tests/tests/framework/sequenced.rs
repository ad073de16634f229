//! Sequenced policies: what comes after a parked record of its key waits, and goes on in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use whenever::{Letter, Outcome, Policy, Record, Removal};

use crate::kitchen::{Jar, Portion, give_cookie};
use crate::stand::{Fault, Stand, raw, record};

fn sequenced() -> Policy {
    give_cookie().sequenced()
}

/// Child number `offset` of a family wants a cookie; the family is the key.
fn wanted(family: &str, offset: i64, jar: &str) -> Record {
    let child = format!("{family}-{offset}");
    let event = record(&format!("wanted-{child}"), "CookieWanted", family, json!({ "child": child, "jar": jar }));
    Record { offset, ..event }
}

fn parked(outcomes: &[Outcome]) -> Vec<bool> {
    outcomes.iter().map(|outcome| matches!(outcome, Outcome::Parked(_))).collect()
}

fn offsets(letters: &[Letter]) -> Vec<i64> {
    letters.iter().map(|letter| letter.record.offset).collect()
}

/// As `whenever dead-letters redrive` does: hands the oldest letter's record to the policy and takes the letter out.
async fn redrive_first(stand: &Stand) -> Removal {
    let letterbox = stand.letterbox();
    let letters = letterbox.letters(Some("give-cookie")).await.unwrap();
    let record = letterbox.record(&letters[0]).await.unwrap();
    stand.deliver(&sequenced(), &[record]).await;
    letterbox.remove(&letters[0], &letters).await.unwrap()
}

#[tokio::test]
async fn later_events_of_a_key_wait_behind_a_parked_one_and_others_do_not() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    let batch = [wanted("a", 0, "none"), wanted("a", 1, "jar"), wanted("b", 2, "jar"), wanted("a", 3, "jar")];
    let outcomes = stand.deliver(&sequenced(), &batch).await;
    assert_eq!(parked(&outcomes), [true, true, false, true], "{outcomes:?}");
    assert_eq!(outcomes[1], Outcome::Parked("waits behind kitchen-events/0/0 of its key".to_owned()));
    // Another process, another batch.
    let outcomes = stand.deliver(&sequenced(), &[wanted("b", 4, "jar"), wanted("a", 5, "jar")]).await;
    assert_eq!(parked(&outcomes), [false, true], "{outcomes:?}");
    assert_eq!(stand.state::<Jar>("jar").await, Some(Jar { left: 8 }));
    let letters = stand.letterbox().letters(None).await.unwrap();
    assert_eq!(offsets(&letters), [0, 1, 3, 5]);
    assert_eq!(letters.iter().map(|letter| letter.attempts).collect::<Vec<_>>(), [1, 0, 0, 0]);
    // Without being sequenced, nothing waits.
    let outcomes = stand.deliver(&give_cookie(), &[wanted("a", 6, "jar")]).await;
    assert_eq!(outcomes, [Outcome::Done]);
}

#[tokio::test]
async fn redriven_from_the_first_on_they_go_on_in_order_and_then_nothing_waits() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 2 }).await;
    stand.deliver(&sequenced(), &[wanted("a", 0, "new"), wanted("a", 1, "jar"), wanted("a", 2, "jar")]).await;
    stand.deliver(&sequenced(), &[wanted("a", 3, "jar")]).await;
    assert!(matches!(redrive_first(&stand).await, Removal::Changed(Some(letter)) if letter.attempts == 2));
    assert_eq!(stand.state::<Jar>("jar").await, Some(Jar { left: 2 }), "the first one failed again");
    stand.put("new", &Jar { left: 1 }).await;
    for left in [3, 2, 1, 0] {
        assert_eq!(redrive_first(&stand).await, Removal::Gone);
        assert_eq!(stand.letterbox().letters(None).await.unwrap().len(), left);
        if left > 0 {
            let outcomes = stand.deliver(&sequenced(), &[wanted("a", 3, "jar")]).await;
            assert_eq!(parked(&outcomes), [left > 1], "only the first in the row is let through: {outcomes:?}");
        }
    }
    assert!(stand.dead_letters().await.is_empty(), "no trace of the key is left");
    let mut had = Vec::new();
    for child in ["a-1", "a-2", "a-3"] {
        had.push(stand.state::<Portion>(child).await.unwrap().got);
    }
    assert_eq!(had, [true, true, false], "first come, first served");
    assert_eq!(stand.deliver(&sequenced(), &[wanted("a", 9, "jar")]).await, [Outcome::Done]);
}

#[tokio::test]
async fn discarding_the_first_lets_the_next_one_through() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    stand.deliver(&sequenced(), &[raw("a", b"not json"), wanted("a", 1, "jar"), wanted("a", 2, "jar")]).await;
    let letterbox = stand.letterbox();
    let letters = letterbox.letters(None).await.unwrap();
    assert_eq!(offsets(&letters), [0, 1, 2], "what cannot be decoded holds its key too");
    // One from the middle, then the first; nobody says which is next.
    assert_eq!(letterbox.remove(&letters[1], &[]).await.unwrap(), Removal::Gone);
    assert_eq!(letterbox.remove(&letters[0], &[]).await.unwrap(), Removal::Gone);
    assert_eq!(redrive_first(&stand).await, Removal::Gone);
    assert!(stand.dead_letters().await.is_empty());
    assert_eq!(stand.state::<Jar>("jar").await, Some(Jar { left: 9 }));
}

#[tokio::test]
async fn a_hint_that_is_out_of_date_does_not_leave_a_key_waiting_for_ever() {
    let stand = Stand::new().await;
    stand.deliver(&sequenced(), &[wanted("a", 0, "x"), wanted("a", 1, "x"), wanted("a", 2, "x")]).await;
    let letterbox = stand.letterbox();
    let letters = letterbox.letters(None).await.unwrap();
    letterbox.remove(&letters[1], &[]).await.unwrap();
    assert_eq!(letterbox.remove(&letters[0], &letters).await.unwrap(), Removal::Gone);
    stand.put("x", &Jar { left: 1 }).await;
    assert_eq!(redrive_first(&stand).await, Removal::Gone);
    assert!(stand.dead_letters().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_parked_keeps_the_later_ones_of_its_key_from_being_parked_before_it() {
    let stand = Stand::new().await;
    stand.faults(|puts| puts.iter().any(|put| put.table == "dead-letters").then_some(Fault::Refused));
    let batch = [wanted("a", 0, "none"), wanted("a", 1, "none"), raw("a", b"not json")];
    let invocation = stand.invocation(Duration::from_millis(300));
    let outcomes = crate::stand::outcomes(sequenced().run(&batch, &invocation).await);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Failed(_))), "{outcomes:?}");
    stand.faults(|_| None);
    stand.deliver(&sequenced(), &batch).await;
    assert_eq!(stand.letterbox().letters(None).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_lost_answer_while_parking_leaves_the_order_as_it_was() {
    let stand = Stand::new().await;
    let lost = AtomicBool::new(false);
    stand.faults(move |puts| {
        (puts[0].table == "dead-letters" && !lost.swap(true, Ordering::SeqCst)).then_some(Fault::AnswerLost)
    });
    stand.deliver(&sequenced(), &[wanted("a", 0, "none"), wanted("a", 1, "none")]).await;
    let letters = stand.letterbox().letters(None).await.unwrap();
    assert_eq!(offsets(&letters), [0, 1]);
    assert!(letters[1].reason.starts_with("waits behind"), "{letters:?}");
}

#[tokio::test]
async fn what_comes_while_the_last_letter_is_taken_out_is_not_left_behind() {
    let stand = Arc::new(Stand::new().await);
    stand.put("jar", &Jar { left: 10 }).await;
    stand.deliver(&sequenced(), &[wanted("a", 0, "none")]).await;
    let (reached, taken_out) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (seen, gone) = (Arc::clone(&reached), Arc::clone(&taken_out));
    stand.faults(move |puts| {
        seen.store(true, Ordering::SeqCst);
        (puts[0].table == "dead-letters" && !gone.load(Ordering::SeqCst)).then_some(Fault::Conflict)
    });
    let delivering = {
        let stand = Arc::clone(&stand);
        tokio::spawn(async move { stand.deliver(&sequenced(), &[wanted("a", 1, "jar")]).await })
    };
    while !reached.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    let letters = stand.letterbox().letters(None).await.unwrap();
    assert_eq!(stand.letterbox().remove(&letters[0], &[]).await.unwrap(), Removal::Gone);
    taken_out.store(true, Ordering::SeqCst);
    let outcomes = delivering.await.unwrap();
    assert!(matches!(&outcomes[0], Outcome::Failed(why) if why.contains("has been settled")), "{outcomes:?}");
    assert!(stand.dead_letters().await.is_empty());
    assert_eq!(stand.deliver(&sequenced(), &[wanted("a", 1, "jar")]).await, [Outcome::Done]);
}

#[tokio::test]
async fn taken_out_around_one_that_waits_a_key_stays_held_and_that_one_is_next() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    let damaged = |offset| Record { offset, ..raw("a", b"not json") };
    stand.deliver(&sequenced(), &[damaged(0), wanted("a", 1, "jar"), damaged(2)]).await;
    let letterbox = stand.letterbox();
    let letters = letterbox.letters(None).await.unwrap();
    for at in [0, 2] {
        assert_eq!(letterbox.remove(&letters[at], &letters).await.unwrap(), Removal::Gone);
    }
    let outcomes = stand.deliver(&sequenced(), &[wanted("a", 3, "jar")]).await;
    assert_eq!(outcomes, [Outcome::Parked("waits behind kitchen-events/0/1 of its key".to_owned())]);
    assert_eq!(redrive_first(&stand).await, Removal::Gone);
    assert_eq!(redrive_first(&stand).await, Removal::Gone);
    assert!(stand.dead_letters().await.is_empty());
    assert_eq!(stand.state::<Jar>("jar").await, Some(Jar { left: 8 }));
}

#[tokio::test]
async fn a_key_that_is_held_anew_is_not_taken_for_what_it_was() {
    let stand = Stand::new().await;
    let mut versions = Vec::new();
    for offset in [0, 1] {
        stand.deliver(&sequenced(), &[wanted("a", offset, "none")]).await;
        let items = stand.dead_letters().await;
        versions.push(items.iter().find(|item| item.contains_key("head")).unwrap()["version"].clone());
        let letters = stand.letterbox().letters(None).await.unwrap();
        stand.letterbox().remove(&letters[0], &letters).await.unwrap();
    }
    assert_ne!(versions[0], versions[1]);
}

#[tokio::test]
async fn a_damaged_item_parks_its_own_event_and_none_before_it() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    stand.put_raw::<Jar>("damaged", &json!({ "left": "many" })).await;
    let batch = [wanted("a", 0, "jar"), wanted("a", 1, "damaged"), wanted("a", 2, "jar")];
    let outcomes = stand.deliver(&sequenced(), &batch).await;
    assert_eq!(outcomes[0], Outcome::Done);
    assert!(matches!(&outcomes[1], Outcome::Parked(why) if why.contains("is damaged")), "{outcomes:?}");
    assert_eq!(outcomes[2], Outcome::Parked("waits behind kitchen-events/0/1 of its key".to_owned()));
}

#[tokio::test]
async fn a_key_that_no_table_takes_parks_its_own_event_and_later_ones_of_its_key_wait() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    // DynamoDB takes partition keys of up to 2,048 bytes.
    let batch = [wanted("b", 0, "jar"), wanted("a", 1, &"x".repeat(3_000)), wanted("a", 2, "jar")];
    let outcomes = stand.deliver(&sequenced(), &batch).await;
    assert_eq!(parked(&outcomes), [false, true, true], "{outcomes:?}");
    assert_eq!(stand.state::<Jar>("jar").await, Some(Jar { left: 9 }));
}

//! Faults of the store: what is retried, what waits, and that nothing happens twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use whenever::ports::store::Put;
use whenever::{Command, Outcome, Policy, Received, Record, Refusal, Tables, Touches, World};

use crate::kitchen::{CookieWanted, Jar, Portion, give_cookie};
use crate::stand::{Fault, Stand, outcomes, record};

fn wanted(child: &str, jar: &str) -> Record {
    record(&format!("wanted-{child}"), "CookieWanted", child, json!({ "child": child, "jar": jar }))
}

fn writes_to(puts: &[Put], pk: &str) -> bool {
    puts.iter().any(|put| put.item["pk"] == pk)
}

async fn with_jars(jars: &[&str]) -> Stand {
    let stand = Stand::new().await;
    for jar in jars {
        stand.put(jar, &Jar { left: 10 }).await;
    }
    stand
}

#[tokio::test]
async fn a_lost_answer_does_not_repeat_the_effect() {
    let stand = with_jars(&["a"]).await;
    let lost = AtomicU32::new(0);
    stand.faults(move |_| (lost.fetch_add(1, Ordering::SeqCst) == 0).then_some(Fault::AnswerLost));
    assert_eq!(stand.deliver(&give_cookie(), &[wanted("tom", "a")]).await, vec![Outcome::Done]);
    assert_eq!(stand.state::<Jar>("a").await, Some(Jar { left: 9 }));
    assert_eq!(stand.outbox::<Portion>("tom").await.len(), 1);
}

#[tokio::test]
async fn throttles_and_conflicts_are_retried_while_there_is_time() {
    for fault in [Fault::Refused, Fault::Conflict] {
        let stand = with_jars(&["a"]).await;
        let failures = AtomicU32::new(0);
        stand.faults(move |_| (failures.fetch_add(1, Ordering::SeqCst) < 4).then_some(fault));
        assert_eq!(stand.deliver(&give_cookie(), &[wanted("tom", "a")]).await, vec![Outcome::Done], "{fault:?}");
        assert_eq!(stand.writes(), 5);
        assert_eq!(stand.state::<Jar>("a").await, Some(Jar { left: 9 }));
    }
}

#[tokio::test]
async fn a_failure_holds_back_later_records_of_its_key_and_no_others() {
    let stand = with_jars(&["a", "b", "c"]).await;
    stand.faults(|puts| writes_to(puts, "jar#a").then_some(Fault::Refused));
    let mut later = wanted("second", "b");
    later.key = Some(b"tom".to_vec());
    let batch = [wanted("tom", "a"), wanted("ann", "c"), later];
    let handled = give_cookie().run(&batch, &stand.invocation(Duration::from_millis(200))).await;
    let outcomes = outcomes(handled);
    assert!(matches!(outcomes[0], Outcome::Failed(_)), "{outcomes:?}");
    assert_eq!(outcomes[1], Outcome::Done);
    assert!(matches!(outcomes[2], Outcome::Failed(_)), "it waits behind the first record of its key");
    assert_eq!(stand.state::<Portion>("second").await, None);
    assert!(stand.dead_letters().await.is_empty(), "a retryable failure is not parked");
}

#[tokio::test]
async fn c_026_a_failed_attempt_does_not_burn_the_key() {
    let stand = with_jars(&["a"]).await;
    stand.faults(|_| Some(Fault::Refused));
    let batch = [wanted("tom", "a")];
    let handled = give_cookie().run(&batch, &stand.invocation(Duration::from_millis(50))).await;
    assert!(handled[0].failed());
    stand.faults(|_| None);
    assert_eq!(stand.deliver(&give_cookie(), &batch).await, vec![Outcome::Done]);
    assert_eq!(stand.state::<Jar>("a").await, Some(Jar { left: 9 }));
}

#[tokio::test]
async fn c_122_event_and_state_change_are_one_write() {
    let stand = with_jars(&["a"]).await;
    stand.faults(|_| Some(Fault::Refused));
    give_cookie().run(&[wanted("tom", "a")], &stand.invocation(Duration::from_millis(50))).await;
    assert_eq!(stand.item::<Portion>("tom").await, None, "no event");
    assert_eq!(stand.state::<Jar>("a").await, Some(Jar { left: 10 }), "no change");
    stand.faults(|_| None);
    stand.deliver(&give_cookie(), &[wanted("tom", "a")]).await;
    let item = stand.item::<Portion>("tom").await.unwrap();
    assert!(item.contains_key("outbox"), "what changed says what happened: {item:?}");
    assert_eq!(stand.state::<Jar>("a").await, Some(Jar { left: 9 }));
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_never_overwritten() {
    let stand = with_jars(&["a"]).await;
    let newer = serde_json::json!({ "child": "tom", "got": "two of them" });
    stand.put_raw::<Portion>("tom", &newer).await;
    let before = stand.item::<Portion>("tom").await;
    let outcomes = stand.deliver(&give_cookie(), &[wanted("tom", "a"), wanted("ann", "a"), wanted("tom", "a")]).await;
    assert!(matches!(&outcomes[..], [Outcome::Parked(_), Outcome::Done, Outcome::Parked(_)]), "{outcomes:?}");
    assert_eq!(stand.item::<Portion>("tom").await, before);
    assert_eq!(stand.state::<Jar>("a").await, Some(Jar { left: 9 }));
}

#[tokio::test]
async fn a_refusal_counts_only_once_what_it_rests_on_is_written() {
    let stand = with_jars(&["a"]).await;
    stand.faults(|_| Some(Fault::Refused));
    // The second child's jar does not exist; the first one's failure holds the chunk, and the refusal with it.
    let batch = [wanted("tom", "a"), { Record { key: Some(b"tom".to_vec()), ..wanted("ann", "none") } }];
    let handled = give_cookie().run(&batch, &stand.invocation(Duration::from_millis(50))).await;
    assert!(handled.iter().all(whenever::Handled::failed), "{handled:?}");
    assert!(stand.dead_letters().await.is_empty());
}

/// A child wants none: there is a portion that says so. One that got a cookie got it out of the jar.
struct Forgo {
    child: String,
    jar: String,
}

impl Command for Forgo {
    fn tables() -> Tables {
        Tables::of::<Portion>().and(Tables::of::<Jar>())
    }

    fn touches(&self) -> Touches {
        Touches::new().load::<Portion>(&self.child).load::<Jar>(&self.jar)
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let full = world.get::<Jar>(&self.jar).is_some_and(|jar| jar.left == 10);
        match world.get::<Portion>(&self.child) {
            Some(portion) if portion.got && full => Err(Refusal::Broken("nothing was taken out of the jar".to_owned())),
            Some(_) => Ok(()),
            None => world.apply::<Portion>(&self.child, Portion { child: self.child.clone(), got: false }),
        }
    }
}

#[tokio::test]
async fn a_refusal_of_what_was_never_there_at_one_moment_does_not_count() {
    let stand = with_jars(&["a"]).await;
    let overtaken = Arc::new(AtomicBool::new(false));
    let seen = overtaken.clone();
    stand.faults(move |puts| (puts.len() == 1 && !seen.load(Ordering::SeqCst)).then_some(Fault::Refused));
    let forgo = Policy::named("forgo")
        .whenever(|event: &Received<CookieWanted>| Forgo { child: event.child.clone(), jar: event.jar.clone() });
    // It has read that there is no portion, and a full jar; its write then fails on the portion alone.
    let give = async {
        let given = stand.deliver(&give_cookie(), &[wanted("tom", "a")]).await;
        overtaken.store(true, Ordering::SeqCst);
        given
    };
    let batch = [wanted("tom", "a")];
    let (forgone, given) = tokio::join!(stand.deliver(&forgo, &batch), give);
    assert_eq!((given, forgone), (vec![Outcome::Done], vec![Outcome::Done]));
    assert!(stand.dead_letters().await.is_empty());
    assert_eq!(stand.state::<Portion>("tom").await, Some(Portion { child: "tom".to_owned(), got: true }));
}

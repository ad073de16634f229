//! The relay between a real table and a broker that fails when told to: nothing counts as sent before it is acknowledged.

use std::time::Duration;

use serde_json::json;
use whenever::{Change, Outcome, Relay};

use crate::kitchen::{Jar, Portion, give_cookie};
use crate::stand::{Stand, outcomes, record};
use crate::topics::{Answer, Topics};

/// The changes of a table in which each of these children was given a cookie.
async fn changes(stand: &Stand, children: &[&str]) -> Vec<Change> {
    stand.put("jar", &Jar { left: 100 }).await;
    let mut changes = Vec::new();
    for (n, child) in children.iter().enumerate() {
        let wanted = record(&format!("wanted-{child}"), "CookieWanted", child, json!({"child": child, "jar": "jar"}));
        assert_eq!(stand.deliver(&give_cookie(), &[wanted]).await, [Outcome::Done]);
        changes.push(Change {
            sequence: format!("10000000000000000000{n}"),
            table: "kitchen".to_owned(),
            image: Ok(stand.item::<Portion>(child).await),
            raw: child.as_bytes().to_vec(),
        });
    }
    changes
}

/// One invocation with these changes: what became of each one's event.
async fn run(relay: &Relay, changes: &[Change], stand: &Stand) -> Vec<Outcome> {
    let handled = relay.run(changes, &stand.invocation(Duration::from_secs(10))).await;
    handled.into_iter().flat_map(outcomes).collect()
}

fn failed(outcomes: &[Outcome]) -> Vec<bool> {
    outcomes.iter().map(|outcome| matches!(outcome, Outcome::Failed(_))).collect()
}

#[tokio::test]
async fn c_124_what_is_not_acknowledged_is_not_sent() {
    let stand = Stand::new().await;
    let changes = changes(&stand, &["tom", "ann"]).await;
    let topics = Topics::answering(|message| if message.key == "tom" { Answer::Lost } else { Answer::Acknowledged });
    let relay = Relay::named("relay", topics.publisher());
    assert_eq!(failed(&run(&relay, &changes, &stand).await), [true, false]);
    topics.now_answering(|_| Answer::Acknowledged);
    assert_eq!(run(&relay, &changes, &stand).await, [Outcome::Done, Outcome::Done]);
    // It may stand there twice, but under the same id.
    let ids = topics.ids();
    assert_eq!((&ids[0], &ids[1]), (&ids[2], &ids[3]));
    assert_eq!(stand.dead_letters().await.len(), 0);
}

#[tokio::test]
async fn c_126_what_fails_again_and_again_is_parked_and_the_others_go_on() {
    let stand = Stand::new().await;
    let changes = changes(&stand, &["tom", "ann", "bob"]).await;
    let topics =
        Topics::answering(|message| if message.key == "ann" { Answer::NotTaken } else { Answer::Acknowledged });
    let relay = Relay::named("relay", topics.publisher());
    for _ in 0..9 {
        assert_eq!(failed(&run(&relay, &changes, &stand).await), [false, true, false]);
    }
    let last = run(&relay, &changes, &stand).await;
    assert!(matches!(&last[..], [Outcome::Done, Outcome::Parked(_), Outcome::Done]), "{last:?}");
    let letters = stand.dead_letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!((&letters[0]["key"], &letters[0]["attempts"]), (&json!("ann"), &json!(10)));
    assert_eq!((&letters[0]["policy"], &letters[0]["type"]), (&json!("relay"), &json!("CookieTaken")));
    assert!(!topics.keys().contains(&"ann".to_owned()));
}

#[tokio::test]
async fn a_partition_without_a_leader_is_waited_for_while_others_are_served() {
    let stand = Stand::new().await;
    let changes = changes(&stand, &["tom", "ann"]).await;
    let topics =
        Topics::answering(|message| if message.key == "ann" { Answer::Unreachable } else { Answer::Acknowledged });
    let relay = Relay::named("relay", topics.publisher());
    for _ in 0..50 {
        assert_eq!(failed(&run(&relay, &changes, &stand).await), [false, true]);
    }
    assert!(stand.dead_letters().await.is_empty());
}

#[tokio::test]
async fn what_the_broker_refuses_itself_is_parked_at_once() {
    let stand = Stand::new().await;
    let changes = changes(&stand, &["tom", "ann"]).await;
    let topics =
        Topics::answering(|message| if message.key == "tom" { Answer::TooLarge } else { Answer::Acknowledged });
    let outcomes = run(&Relay::named("relay", topics.publisher()), &changes, &stand).await;
    assert!(matches!(&outcomes[..], [Outcome::Parked(_), Outcome::Done]), "{outcomes:?}");
    let letters = stand.dead_letters().await;
    assert_eq!(
        (&letters[0]["reason"], &letters[0]["attempts"]),
        (&json!("the broker refuses the record: too large"), &json!(1))
    );
}

#[tokio::test]
async fn c_121_an_outage_is_waited_out_however_long_it_takes() {
    let stand = Stand::new().await;
    let changes = changes(&stand, &["tom", "ann"]).await;
    let topics = Topics::answering(|_| Answer::Unreachable);
    let relay = Relay::named("relay", topics.publisher());
    for _ in 0..100 {
        assert_eq!(failed(&run(&relay, &changes, &stand).await), [true, true]);
    }
    assert_eq!(stand.dead_letters().await.len(), 0);
    topics.now_answering(|_| Answer::Acknowledged);
    assert_eq!(run(&relay, &changes, &stand).await, [Outcome::Done, Outcome::Done]);
    assert_eq!(topics.keys(), ["tom", "ann"]);
}

#[tokio::test]
async fn what_cannot_be_parked_is_wanted_again() {
    let stand = Stand::new().await;
    let mut changes = changes(&stand, &["tom"]).await;
    changes[0].image = Err("it is of an unknown shape".to_owned());
    let relay = Relay::named("relay", Topics::answering(|_| Answer::Acknowledged).publisher());
    stand.faults(|_| Some(crate::stand::Fault::Refused));
    let handled = relay.run(&changes, &stand.invocation(Duration::from_millis(100))).await;
    assert!(handled[0][0].failed(), "{handled:?}");
    stand.faults(|_| None);
    let outcomes = run(&relay, &changes, &stand).await;
    assert!(matches!(&outcomes[..], [Outcome::Parked(_)]), "{outcomes:?}");
    assert_eq!(stand.dead_letters().await[0]["value"], "tom");
}

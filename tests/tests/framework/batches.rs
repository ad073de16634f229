//! Batches: group commit, duplicates, races.

use futures_util::future::join_all;
use serde_json::json;
use whenever::{Outcome, Record};

use crate::kitchen::{Jar, Portion, give_cookie};
use crate::stand::{Stand, record};

fn wanted(child: usize, jar: &str) -> Record {
    let child = format!("child-{child}");
    record(&format!("wanted-{child}-{jar}"), "CookieWanted", &child, json!({ "child": child, "jar": jar }))
}

#[tokio::test]
async fn what_a_batch_does_to_one_aggregate_is_as_few_transactions_as_their_limit_allows() {
    let stand = Stand::new().await;
    stand.put("big", &Jar { left: 1_000 }).await;
    let batch: Vec<Record> = (0..250).map(|child| wanted(child, "big")).collect();
    let before = stand.platform.store.usage();
    let outcomes = stand.deliver(&give_cookie(), &batch).await;
    let used = stand.platform.store.usage() - before;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
    assert_eq!(stand.state::<Jar>("big").await, Some(Jar { left: 750 }));
    // 99 portions and the jar are the 100 items of a transaction.
    assert_eq!(used.transactions, 3.0);
    assert_eq!(used.read_units, 1.0, "only the jar is read");
}

#[tokio::test]
async fn a_duplicate_changes_nothing_in_the_same_batch_or_later() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    let batch = [wanted(1, "jar"), wanted(1, "jar"), wanted(2, "jar"), wanted(1, "jar")];
    assert_eq!(stand.deliver(&give_cookie(), &batch).await, vec![Outcome::Done; 4]);
    let first = stand.item::<Portion>("child-1").await;
    assert_eq!(stand.deliver(&give_cookie(), &batch).await, vec![Outcome::Done; 4]);
    assert_eq!(stand.state::<Jar>("jar").await, Some(Jar { left: 8 }));
    assert_eq!(stand.item::<Portion>("child-1").await, first, "the item is as its first write left it");
    assert_eq!(stand.outbox::<Portion>("child-1").await.len(), 1);
}

#[tokio::test]
async fn racing_functions_never_give_what_is_not_there() {
    let stand = Stand::new().await;
    stand.put("small", &Jar { left: 50 }).await;
    let policies: Vec<_> = (0..8).map(|_| give_cookie()).collect();
    let batches: Vec<Vec<Record>> =
        (0..8).map(|n| (0..20).map(|child| wanted(n * 20 + child, "small")).collect()).collect();
    let runs = policies.iter().zip(&batches).map(|(policy, batch)| stand.deliver(policy, batch));
    for outcomes in join_all(runs).await {
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done), "{outcomes:?}");
    }
    assert_eq!(stand.state::<Jar>("small").await, Some(Jar { left: 0 }));
    let mut got = 0;
    for child in 0..160 {
        let portion = stand.state::<Portion>(&format!("child-{child}")).await.unwrap();
        got += usize::from(portion.got);
        let emitted = &stand.outbox::<Portion>(&portion.child).await[0].event_type;
        assert_eq!(emitted == "CookieTaken", portion.got);
    }
    assert_eq!(got, 50);
}

#[tokio::test]
async fn an_event_of_another_type_is_ignored() {
    let stand = Stand::new().await;
    let outcomes = stand.deliver(&give_cookie(), &[record("1", "SunRose", "east", json!({}))]).await;
    assert_eq!(outcomes, vec![Outcome::Ignored]);
    assert!(stand.dead_letters().await.is_empty());
}

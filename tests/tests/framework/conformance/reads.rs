//! Loads, pages and indexes.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use whenever::item::Item;
use whenever::ports::Store as _;
use whenever::ports::store::{Condition, Put, Query};

use super::subject::{ROWS, Subject, THINGS, first, next, said, thing, with};
use super::{Verdict, same};

/// An index is behind its table, but not for long.
const BEHIND: Duration = Duration::from_secs(20);

pub(super) async fn consistent(subject: &Subject) -> Verdict {
    let pk = subject.key();
    subject.put(first(&pk)).await?;
    for version in 2..40 {
        subject.put(next(&pk, version)).await?;
        same("the version read", subject.versions(std::slice::from_ref(&pk)).await?, vec![version])?;
    }
    Ok(())
}

pub(super) async fn many(subject: &Subject) -> Verdict {
    let keys = subject.keys(150);
    let there = |n: usize| n.is_multiple_of(3);
    let items = keys.iter().enumerate().filter(|(n, _)| there(*n)).map(|(n, pk)| thing(pk, n as u64 + 1)).collect();
    subject.store.put_all(THINGS, items).await.map_err(said)?;
    // In another order than they were written in, and one of them twice.
    let order: Vec<usize> = (0..150).rev().chain([3]).collect();
    let asked: Vec<String> = order.iter().map(|n| keys[*n].clone()).collect();
    let promised: Vec<u64> = order.iter().map(|n| if there(*n) { *n as u64 + 1 } else { 0 }).collect();
    same("versions", subject.versions(&asked).await?, promised)
}

pub(super) async fn pages(subject: &Subject) -> Verdict {
    let pk = rows(subject).await?;
    let mut query = Query { limit: Some(3), consistent: true, ..of(&pk) };
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = subject.store.query(query.clone()).await.map_err(said)?;
        seen.extend(sort_keys(&page.items));
        pages += 1;
        match page.next {
            Some(next) if pages < 10 => query.start = Some(next),
            _ => break,
        }
    }
    same("sort keys", seen, ["0", "1", "10", "2", "3", "4", "5", "6", "7", "8", "9"].map(str::to_owned).into())
}

pub(super) async fn backwards(subject: &Subject) -> Verdict {
    let pk = rows(subject).await?;
    let query = Query { limit: Some(2), descending: true, before: Some(("sk", "4".to_owned())), ..of(&pk) };
    let page = subject.store.query(query).await.map_err(said)?;
    same("sort keys", sort_keys(&page.items), ["3", "2"].map(str::to_owned).into())?;
    same("whether there is more", page.next.is_some(), true)
}

pub(super) async fn scan(subject: &Subject) -> Verdict {
    let keys: Vec<String> = subject.keys(30).iter().map(|pk| pk.replace("thing#", "scanned#")).collect();
    let items = keys.iter().map(|pk| with(pk, 1, json!({"sk": "1"}))).collect();
    subject.store.put_all(ROWS, items).await.map_err(said)?;
    let mut query = Query { table: ROWS, kind: Some("scanned"), limit: Some(7), consistent: true, ..Query::default() };
    let mut seen = Vec::new();
    loop {
        let page = subject.store.query(query.clone()).await.map_err(said)?;
        seen.extend(page.items.iter().filter_map(|item| item["pk"].as_str().map(str::to_owned)));
        match page.next {
            Some(next) if seen.len() <= keys.len() => query.start = Some(next),
            _ => break,
        }
    }
    same("how many", seen.len(), keys.len())?;
    same("which", seen.into_iter().collect::<BTreeSet<_>>(), keys.into_iter().collect())
}

pub(super) async fn sparse(subject: &Subject) -> Verdict {
    let (waits, idle, shard) = (subject.key(), subject.key(), subject.key());
    let due = with(&waits, 1, json!({"dueShard": shard, "dueAt": "2026-01-01"}));
    subject.put(Put { table: THINGS, item: due, when: Condition::Absent }).await?;
    subject.put(first(&idle)).await?;
    indexed(subject, &shard, &[&waits]).await?;
    subject.put(next(&waits, 2)).await?;
    indexed(subject, &shard, &[]).await
}

pub(super) async fn projected(subject: &Subject) -> Verdict {
    let (late, soon, shard) = (subject.key(), subject.key(), subject.key());
    for (pk, due_at) in [(&late, "2026-01-02"), (&soon, "2026-01-01")] {
        let item = with(pk, 1, json!({"dueShard": shard, "dueAt": due_at, "more": 1}));
        subject.put(Put { table: THINGS, item, when: Condition::Absent }).await?;
    }
    indexed(subject, &shard, &[&soon, &late]).await?;
    let page = subject.store.query(due(&shard)).await.map_err(said)?;
    let promised = json!({"pk": soon, "dueShard": shard, "dueAt": "2026-01-01"});
    same("the first", page.items.first().cloned().map(Value::from), Some(promised))?;
    let before = Query { before: Some(("dueAt", "2026-01-02".to_owned())), ..due(&shard) };
    same("how many are before the second", subject.store.query(before).await.map_err(said)?.items.len(), 1)
}

pub(super) async fn batch(subject: &Subject) -> Verdict {
    let keys = subject.keys(60);
    for version in [1, 2] {
        let items = keys.iter().map(|pk| thing(pk, version)).collect();
        subject.store.put_all(THINGS, items).await.map_err(said)?;
    }
    same("versions", subject.versions(&keys).await?, vec![2; 60])
}

/// Waits until the index holds these items under a shard.
async fn indexed(subject: &Subject, shard: &str, promised: &[&String]) -> Verdict {
    let end = Instant::now() + BEHIND;
    loop {
        let page = subject.store.query(due(shard)).await.map_err(said)?;
        let seen: Vec<&str> = page.items.iter().filter_map(|item| item["pk"].as_str()).collect();
        if seen == promised || Instant::now() > end {
            return same("in the index", seen, promised.iter().map(|pk| pk.as_str()).collect());
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// A partition with eleven rows.
async fn rows(subject: &Subject) -> Result<String, String> {
    let pk = subject.key();
    let row = |number: usize| with(&pk, 1, json!({"sk": number.to_string()}));
    subject.store.put_all(ROWS, (0..11).map(row).collect()).await.map_err(said)?;
    Ok(pk)
}

fn of(pk: &str) -> Query {
    Query { table: ROWS, partition: Some(("pk", pk.to_owned())), ..Query::default() }
}

fn due(shard: &str) -> Query {
    let partition = Some(("dueShard", shard.to_owned()));
    Query { table: THINGS, index: Some(whenever::DUE_INDEX), partition, ..Query::default() }
}

fn sort_keys(items: &[Item]) -> Vec<String> {
    items.iter().filter_map(|item| item["sk"].as_str().map(str::to_owned)).collect()
}

//! What calls are said to have cost: the bench, the budget and the logs rest on it.

use serde_json::json;
use whenever::ports::Store as _;
use whenever::ports::store::{Condition, Put, Query, Usage};

use super::subject::{Subject, THINGS, first, next, said, with};
use super::{Verdict, same};

pub(super) async fn writes(subject: &Subject) -> Verdict {
    let keys = subject.keys(5);
    let put = |pk: &str, more| Put { table: THINGS, item: with(pk, 1, more), when: Condition::Absent };
    let mut before = subject.store.usage();
    let mut units = || {
        let Usage { write_units, .. } = subject.store.usage() - before;
        before = subject.store.usage();
        write_units
    };
    subject.put(first(&keys[0])).await?;
    same("of a small item", units(), 1.0)?;
    subject.put(put(&keys[1], json!({"text": "x".repeat(1_024)}))).await?;
    same("of one above 1 KB", units(), 2.0)?;
    subject.put(put(&keys[2], json!({"dueShard": keys[2], "dueAt": "2026"}))).await?;
    same("of one with an index", units(), 2.0)?;
    subject.put(next(&keys[2], 2)).await?;
    same("of one that leaves the index", units(), 2.0)?;
    subject.store.transact(vec![first(&keys[3]), first(&keys[4])]).await.map_err(said)?;
    same("of a transaction of two", units(), 4.0)?;
    subject
        .store
        .put_all(THINGS, subject.keys(3).iter().map(|pk| with(pk, 1, json!({}))).collect())
        .await
        .map_err(said)?;
    same("of a batch of three", units(), 3.0)
}

pub(super) async fn reads(subject: &Subject) -> Verdict {
    let keys = subject.keys(2);
    let item = with(&keys[0], 1, json!({"text": "x".repeat(4_096)}));
    subject.put(Put { table: THINGS, item, when: Condition::Absent }).await?;
    subject.put(first(&keys[1])).await?;
    let mut before = subject.store.usage();
    let mut units = || {
        let Usage { read_units, .. } = subject.store.usage() - before;
        before = subject.store.usage();
        read_units
    };
    subject.load(&keys[1]).await?;
    same("of a small item", units(), 1.0)?;
    subject.load(&keys[0]).await?;
    same("of one above 4 KB", units(), 2.0)?;
    subject.load_all(&keys).await?;
    same("of both in a batch", units(), 3.0)?;
    let partition = Some(("dueShard", subject.key()));
    let nothing = Query { table: THINGS, index: Some(whenever::DUE_INDEX), partition, ..Query::default() };
    subject.store.query(nothing).await.map_err(said)?;
    same("of a page of nothing", units(), 0.5)
}

//! One conditional write.

use futures_util::future::join_all;
use serde_json::json;
use whenever::ports::Store as _;
use whenever::ports::store::{Condition, Put, StoreError, WriteError};

use super::subject::{GONE, Subject, THINGS, failed, first as first_of, next, rejected, thing, with};
use super::{Verdict, same};

/// How many write at a time.
const RIVALS: usize = 20;

/// DynamoDB's limit on an item.
const ITEM_BYTES: usize = 400 * 1024;

pub(super) async fn first(subject: &Subject) -> Verdict {
    let pk = subject.key();
    let answers = join_all((0..RIVALS).map(|_| subject.store.put(first_of(&pk)))).await;
    same("how many of them wrote", answers.iter().filter(|answer| answer.is_ok()).count(), 1)?;
    for answer in answers.into_iter().filter(Result::is_err) {
        same("what another found", failed(answer)?, vec![Some(Some(thing(&pk, 1)))])?;
    }
    Ok(())
}

pub(super) async fn old_item(subject: &Subject) -> Verdict {
    let pk = subject.key();
    let all = json!({
        "text": "서울 🦀", "empty": "", "null": null, "yes": true, "large": 9_007_199_254_740_993_u64, "negative": -7,
        "fraction": 0.25, "list": [1, "two", [3]], "none": [], "map": {"a": {"b": null}}, "long": "x".repeat(3_000),
    });
    let item = with(&pk, 1, all);
    subject.put(Put { table: THINGS, item: item.clone(), when: Condition::Absent }).await?;
    same(
        "what a failed condition brought",
        failed(subject.store.put(next(&pk, 9)).await)?,
        vec![Some(Some(item.clone()))],
    )?;
    same("what is read", subject.load(&pk).await?, Some(item))
}

pub(super) async fn version(subject: &Subject) -> Verdict {
    let pk = subject.key();
    subject.put(first_of(&pk)).await?;
    let answers = join_all((0..RIVALS).map(|_| subject.store.put(next(&pk, 2)))).await;
    same("how many of them wrote", answers.iter().filter(|answer| answer.is_ok()).count(), 1)?;
    for answer in answers.into_iter().filter(Result::is_err) {
        same("what another found", failed(answer)?, vec![Some(Some(thing(&pk, 2)))])?;
    }
    Ok(())
}

pub(super) async fn version_of_nothing(subject: &Subject) -> Verdict {
    let pk = subject.key();
    same("what was brought", failed(subject.store.put(next(&pk, 2)).await)?, vec![Some(None)])?;
    same("what is there", subject.load(&pk).await?, None)
}

pub(super) async fn whole(subject: &Subject) -> Verdict {
    let pk = subject.key();
    let large = with(&pk, 1, json!({"outbox": "[]", "more": 1}));
    subject.put(Put { table: THINGS, item: large, when: Condition::Any }).await?;
    subject.put(next(&pk, 2)).await?;
    same("what is there", subject.load(&pk).await?, Some(thing(&pk, 2)))?;
    subject.put(Put { table: THINGS, item: thing(&pk, 7), when: Condition::Any }).await?;
    same("what is there", subject.load(&pk).await?, Some(thing(&pk, 7)))
}

pub(super) async fn too_large(subject: &Subject) -> Verdict {
    let pk = subject.key();
    let item = with(&pk, 1, json!({"text": "x".repeat(ITEM_BYTES)}));
    rejected(subject.store.put(Put { table: THINGS, item, when: Condition::Absent }).await)?;
    same("what is there", subject.load(&pk).await?, None)
}

pub(super) async fn missing_table(subject: &Subject) -> Verdict {
    match subject.store.put(Put { table: GONE, ..first_of(&subject.key()) }).await {
        Err(WriteError::Failed(StoreError::Unavailable(_))) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

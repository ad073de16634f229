//! Several conditional writes as one.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put as SdkPut, TransactWriteItem};
use futures_util::future::join_all;
use whenever::ports::Store as _;
use whenever::ports::store::{Condition, Put, TRANSACTION_ITEMS, WriteError};

use super::subject::{ROWS, Subject, failed, first, next, rejected, said, thing};
use super::{Verdict, same};

/// How many write at a time, and how often each may lose.
const RIVALS: usize = 8;
const ATTEMPTS: usize = 200;

const VERSION_IS: &str = "version = :version";

pub(super) async fn whole(subject: &Subject) -> Verdict {
    let keys = subject.keys(3);
    subject.put(first(&keys[1])).await?;
    failed(subject.store.transact(keys.iter().map(|pk| first(pk)).collect()).await)?;
    same("versions after one that failed", subject.versions(&keys).await?, vec![0, 1, 0])?;
    let puts = vec![first(&keys[0]), next(&keys[1], 2), first(&keys[2])];
    subject.store.transact(puts).await.map_err(said)?;
    same("versions after one that did not", subject.versions(&keys).await?, vec![1, 2, 1])
}

pub(super) async fn reasons(subject: &Subject) -> Verdict {
    let keys = subject.keys(4);
    subject.put(first(&keys[1])).await?;
    let puts = vec![first(&keys[0]), first(&keys[1]), next(&keys[2], 5), first(&keys[3])];
    let items = failed(subject.store.transact(puts).await)?;
    same("what was brought", items, vec![None, Some(Some(thing(&keys[1], 1))), Some(None), None])
}

pub(super) async fn hundred(subject: &Subject) -> Verdict {
    let keys = subject.keys(TRANSACTION_ITEMS / 2);
    let mut puts: Vec<Put> = keys.iter().map(|pk| first(pk)).collect();
    puts.extend(keys.iter().map(|pk| row(pk)));
    subject.store.transact(puts).await.map_err(said)?;
    same("how many are there", subject.versions(&keys).await?.iter().sum(), 50)
}

pub(super) async fn too_many(subject: &Subject) -> Verdict {
    let keys = subject.keys(TRANSACTION_ITEMS + 1);
    rejected(subject.store.transact(keys.iter().map(|pk| first(pk)).collect()).await)?;
    same("how many are there", subject.versions(&keys).await?.iter().sum(), 0)
}

pub(super) async fn twice(subject: &Subject) -> Verdict {
    let pk = subject.key();
    rejected(subject.store.transact(vec![first(&pk), first(&pk)]).await)?;
    same("what is there", subject.load(&pk).await?, None)
}

pub(super) async fn at_a_time(subject: &Subject) -> Verdict {
    let keys = subject.keys(2);
    subject.store.transact(keys.iter().map(|pk| first(pk)).collect()).await.map_err(said)?;
    for one in join_all((0..RIVALS).map(|_| one_more(subject, &keys))).await {
        one?;
    }
    same("versions", subject.versions(&keys).await?, vec![1 + RIVALS as u64; 2])
}

/// Counts both items up by one, however many others do.
async fn one_more(subject: &Subject, keys: &[String]) -> Verdict {
    for _ in 0..ATTEMPTS {
        let versions = subject.versions(keys).await?;
        let puts = keys.iter().zip(versions).map(|(pk, version)| next(pk, version + 1)).collect();
        match subject.store.transact(puts).await {
            Ok(()) => return Ok(()),
            Err(WriteError::Condition(_) | WriteError::Conflict) => {}
            Err(other) => return Err(said(other)),
        }
    }
    Err(format!("one of {RIVALS} lost {ATTEMPTS} times"))
}

/// What operators' tools do, and functions do not.
pub(super) async fn deletes(subject: &Subject) -> Verdict {
    let keys = subject.keys(2);
    subject.store.transact(keys.iter().map(|pk| first(pk)).collect()).await.map_err(said)?;
    let (table, text) = (&subject.wanted[0].name, |pk: &String| AttributeValue::S(pk.clone()));
    let delete = Delete::builder()
        .table_name(table)
        .key("pk", text(&keys[0]))
        .condition_expression(VERSION_IS)
        .expression_attribute_values(":version", AttributeValue::N("1".to_owned()));
    let check = ConditionCheck::builder().table_name(table).key("pk", text(&keys[1])).condition_expression(VERSION_IS);
    for (checked, versions) in [(2, [1, 1]), (1, [0, 1])] {
        let version = AttributeValue::N(checked.to_string());
        let check = check.clone().expression_attribute_values(":version", version).build().map_err(said)?;
        let delete = TransactWriteItem::builder().delete(delete.clone().build().map_err(said)?).build();
        let check = TransactWriteItem::builder().condition_check(check).build();
        let call = subject.tables.transact_write_items().transact_items(delete).transact_items(check);
        let happened = call.send().await.is_ok();
        same("whether it happened", happened, checked == 1)?;
        same("versions", subject.versions(&keys).await?, versions.to_vec())?;
    }
    Ok(())
}

pub(super) async fn token(subject: &Subject) -> Verdict {
    let pk = subject.key();
    let (once, later, other) = (set(subject, &pk, 1)?, set(subject, &pk, 2)?, set(subject, &pk, 3)?);
    sent(subject, "a", &once).await?;
    sent(subject, "b", &later).await?;
    // It has been: neither is it done again, nor does it fail.
    sent(subject, "a", &once).await?;
    same("the version after a repetition", subject.versions(std::slice::from_ref(&pk)).await?, vec![2])?;
    match sent(subject, "a", &other).await {
        Err(why) if why.contains("IdempotentParameterMismatch") => Ok(()),
        answer => Err(format!("another content under the same token: {answer:?}")),
    }
}

/// A transaction that is sent again as it was, to the letter, as the SDK does.
async fn sent(subject: &Subject, token: &str, item: &TransactWriteItem) -> Verdict {
    let call = subject
        .tables
        .transact_write_items()
        .client_request_token(format!("{token}-{}", subject.run))
        .transact_items(item.clone());
    call.send().await.map(drop).map_err(|error| said(error.into_service_error()))
}

/// The unconditional write of a version.
fn set(subject: &Subject, pk: &str, version: u64) -> Result<TransactWriteItem, String> {
    let put = SdkPut::builder()
        .table_name(&subject.wanted[0].name)
        .item("pk", AttributeValue::S(pk.to_owned()))
        .item("version", AttributeValue::N(version.to_string()));
    Ok(TransactWriteItem::builder().put(put.build().map_err(said)?).build())
}

fn row(pk: &str) -> Put {
    let mut item = thing(pk, 1);
    item.insert("sk".to_owned(), "1".into());
    Put { table: ROWS, item, when: Condition::Absent }
}

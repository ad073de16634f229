//! What a table's stream shows, and how tables are set.

use std::time::Duration;

use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use tokio::time::{Instant, sleep};
use whenever::ports::Store as _;

use super::subject::{Subject, failed, first, next, said};
use super::{Verdict, same};

/// How long a record may take to appear.
const LATEST: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// An item's key and the version of its image.
type Shown = (String, u64);

pub(super) async fn once(subject: &Subject) -> Verdict {
    let keys = subject.keys(3);
    subject.store.transact(keys.iter().map(|pk| first(pk)).collect()).await.map_err(said)?;
    for version in 2..=10 {
        for pk in &keys[..2] {
            subject.put(next(pk, version)).await?;
        }
    }
    subject.store.transact(keys[..2].iter().map(|pk| next(pk, 11)).collect()).await.map_err(said)?;
    let end = subject.key();
    subject.put(first(&end)).await?;
    let shown = until(subject, &end).await?;
    for (pk, last) in keys.iter().zip([11, 11, 1]) {
        let versions: Vec<u64> = shown.iter().filter(|(shown, _)| shown == pk).map(|(_, version)| *version).collect();
        same("versions of an item", versions, (1..=last).collect())?;
    }
    Ok(())
}

pub(super) async fn refused(subject: &Subject) -> Verdict {
    let (there, other, end) = (subject.key(), subject.key(), subject.key());
    subject.put(first(&there)).await?;
    failed(subject.store.put(first(&there)).await)?;
    failed(subject.store.transact(vec![first(&other), first(&there)]).await)?;
    subject.put(first(&end)).await?;
    let shown = until(subject, &end).await?;
    let ours: Vec<Shown> = shown.into_iter().filter(|(pk, _)| [&there, &other].contains(&pk)).collect();
    same("records", ours, vec![(there, 1)])
}

pub(super) async fn resumed(subject: &Subject) -> Verdict {
    let keys = subject.keys(3);
    for pk in &keys {
        subject.put(first(pk)).await?;
    }
    until(subject, &keys[2]).await?;
    let arn = arn(subject).await?;
    for shard in shards(subject, &arn).await? {
        let records = read(subject, &arn, &shard, None).await?;
        let place =
            |pk: &String| records.iter().position(|record| shown(record).is_some_and(|(shown, _)| shown == *pk));
        let Some(at) = place(&keys[1]) else { continue };
        let sequence =
            records[at].dynamodb().and_then(|change| change.sequence_number()).unwrap_or_default().to_owned();
        let behind = read(subject, &arn, &shard, Some(sequence)).await?;
        let ids =
            |records: &[Record]| records.iter().map(|record| record.event_id().map(str::to_owned)).collect::<Vec<_>>();
        // More may have come meanwhile, none may be missing.
        same("records behind it", ids(&behind[..(records.len() - at - 1).min(behind.len())]), ids(&records[at + 1..]))?;
        return Ok(());
    }
    Err("no shard holds what was written".to_owned())
}

pub(super) async fn time_to_live(subject: &Subject) -> Verdict {
    let answer = subject.tables.describe_time_to_live().table_name(&subject.wanted[0].name).send().await;
    let answer = answer.map_err(|error| said(error.into_service_error()))?;
    let set = answer.time_to_live_description();
    let status = set.and_then(|set| set.time_to_live_status()).map(|status| status.as_str().to_owned());
    // On AWS it is being enabled for up to an hour.
    let on = status.as_deref().is_some_and(|status| status.starts_with("ENABL"));
    same("whether it is on", on, true)?;
    same("attribute", set.and_then(|set| set.attribute_name()), Some("expiresAt"))
}

pub(super) async fn again(subject: &Subject) -> Verdict {
    let pk = subject.key();
    subject.put(first(&pk)).await?;
    subject.provide().await?;
    same("the item that was there", subject.versions(&[pk]).await?, vec![1])
}

/// What the stream shows, from its beginning until this item is in it.
async fn until(subject: &Subject, last: &str) -> Result<Vec<Shown>, String> {
    let arn = arn(subject).await?;
    let end = Instant::now() + LATEST;
    loop {
        let mut all = Vec::new();
        for shard in shards(subject, &arn).await? {
            all.extend(read(subject, &arn, &shard, None).await?.iter().filter_map(shown));
        }
        if all.iter().any(|(pk, _)| pk == last) {
            return Ok(all);
        }
        if Instant::now() > end {
            return Err(format!("the stream does not show a write after {} s", LATEST.as_secs()));
        }
        sleep(PAUSE).await;
    }
}

async fn arn(subject: &Subject) -> Result<String, String> {
    let answer = subject.tables.describe_table().table_name(&subject.wanted[0].name).send().await;
    let answer = answer.map_err(|error| said(error.into_service_error()))?;
    let arn = answer.table().and_then(|table| table.latest_stream_arn());
    arn.map(str::to_owned).ok_or_else(|| "the table has no stream".to_owned())
}

/// The stream's shards, what continues another behind it.
async fn shards(subject: &Subject, arn: &str) -> Result<Vec<String>, String> {
    let answer = subject.streams.describe_stream().stream_arn(arn).send().await;
    let answer = answer.map_err(|error| said(error.into_service_error()))?;
    let shards = answer.stream_description().map(|stream| stream.shards().to_vec()).unwrap_or_default();
    Ok(shards.iter().filter_map(|shard| shard.shard_id().map(str::to_owned)).collect())
}

/// A shard's records so far, from its beginning or behind a sequence number.
async fn read(subject: &Subject, arn: &str, shard: &str, after: Option<String>) -> Result<Vec<Record>, String> {
    let start = after.as_ref().map_or(ShardIteratorType::TrimHorizon, |_| ShardIteratorType::AfterSequenceNumber);
    let request = subject.streams.get_shard_iterator().stream_arn(arn).shard_id(shard).shard_iterator_type(start);
    let answer = request.set_sequence_number(after).send().await;
    let mut iterator = answer.map_err(|error| said(error.into_service_error()))?.shard_iterator;
    let mut records = Vec::new();
    while let Some(next) = iterator.take() {
        let answer = subject.streams.get_records().shard_iterator(next).send().await;
        let answer = answer.map_err(|error| said(error.into_service_error()))?;
        let some = answer.records.unwrap_or_default();
        if !some.is_empty() {
            iterator = answer.next_shard_iterator;
        }
        records.extend(some);
    }
    Ok(records)
}

fn shown(record: &Record) -> Option<Shown> {
    let image = record.dynamodb()?.new_image()?;
    let pk = image.get("pk")?.as_s().ok()?.clone();
    Some((pk, image.get("version")?.as_n().ok()?.parse().ok()?))
}

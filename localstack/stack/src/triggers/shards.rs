//! A given store's stream: its shards, each read after the one that it continues, as DynamoDB splits and closes them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodbstreams::error::ProvideErrorMetadata;
use aws_sdk_dynamodbstreams::operation::get_records::GetRecordsOutput;
use aws_sdk_dynamodbstreams::types::{Shard, ShardIteratorType};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::attribute;
use super::progress::{State, until_room};
use super::record::{Record, SourceId};
use super::route::{Read, Route};
use crate::Say;
use crate::store::{Remote, reason};

/// How often shards are listed while none ends.
const LISTING: Duration = Duration::from_secs(5);
/// The pause after a read that found nothing, doubled each time up to the longest.
const PAUSE: Duration = Duration::from_millis(10);
/// DynamoDB allows five reads of a shard a second.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// The pause after an error.
const RECOVERY: Duration = Duration::from_secs(1);

/// How far the readers of the open shards are, so that somebody can wait for a read that began after a moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Reads {
    /// The shards were listed at least once.
    pub(super) listed: bool,
    /// Per open shard the reads that ended, and the position of the last record that was handed on.
    pub(super) shards: BTreeMap<SourceId, (u64, i64)>,
}

/// A stream of a given store and a trigger on it. Clones are the same.
#[derive(Clone)]
pub(super) struct Shards(Arc<Shared>);

struct Shared {
    store: Remote,
    table: String,
    route: Route,
    /// How far the trigger is.
    state: watch::Receiver<State>,
    reads: watch::Sender<Reads>,
    say: Say,
}

/// Where a shard's next iterator starts.
enum Start {
    Horizon,
    Latest,
    After(String),
}

impl Shards {
    /// A stream that is not read yet, and the view of how far its reading is.
    pub(super) fn new(
        store: Remote,
        table: String,
        route: Route,
        state: watch::Receiver<State>,
        say: Say,
    ) -> (Self, watch::Receiver<Reads>) {
        let (reads, view) = watch::channel(Reads::default());
        let shared = Shared { store, table, route, state, reads, say };
        (Self(Arc::new(shared)), view)
    }

    /// Reads until the task is ended.
    pub(super) async fn read(self) {
        let arn = self.arn().await;
        let (mut started, mut finished) = (HashMap::new(), HashSet::new());
        let mut readers = JoinSet::new();
        let mut first = true;
        loop {
            match self.list(&arn).await {
                Ok(shards) => {
                    let latest = first && !self.0.route.from_start;
                    // Their records are older than the latest: only what continues them has those.
                    let older = if latest { continued(&shards) } else { Vec::new() };
                    for name in older {
                        let id = next_id(&started);
                        started.insert(name.clone(), id);
                        finished.insert(name);
                    }
                    for name in startable(&shards, &started, &finished) {
                        let id = next_id(&started);
                        started.insert(name.clone(), id);
                        let start = if latest { Start::Latest } else { Start::Horizon };
                        self.0.reads.send_modify(|reads| reads.shards.extend([(id, (0, 0))]));
                        readers.spawn(self.clone().read_shard(arn.clone(), name, id, start));
                    }
                    first = false;
                    self.0.reads.send_modify(|reads| reads.listed = true);
                }
                Err(error) => self.say(&format!("listing the shards of {}'s stream: {error}", self.0.table)),
            }
            tokio::select! {
                Some(ended) = readers.join_next() => finished.extend(ended),
                () = sleep(LISTING) => {}
            }
        }
    }

    /// The stream's ARN; asks until the table has one.
    async fn arn(&self) -> String {
        loop {
            let table = self.0.store.tables().describe_table().table_name(&self.0.table).send().await;
            match table.as_ref().map(|answer| answer.table().and_then(|table| table.latest_stream_arn())) {
                Ok(Some(arn)) => return arn.to_owned(),
                Ok(None) => self.say(&format!("table {} exists without a stream: give it one", self.0.table)),
                Err(error) => self.say(&format!("looking for {}'s stream: {}", self.0.table, reason(error))),
            }
            sleep(LISTING).await;
        }
    }

    async fn list(&self, arn: &str) -> Result<Vec<Shard>, String> {
        let mut shards = Vec::new();
        let mut last = None;
        loop {
            let request = self.0.store.streams().describe_stream().stream_arn(arn);
            let answer = request.set_exclusive_start_shard_id(last).send().await;
            let answer = answer.map_err(|error| reason(&error))?;
            let Some(stream) = answer.stream_description else { return Ok(shards) };
            shards.extend(stream.shards.unwrap_or_default());
            last = stream.last_evaluated_shard_id;
            if last.is_none() {
                return Ok(shards);
            }
        }
    }

    /// Reads a shard to its end, and answers its name when all of it is done.
    async fn read_shard(self, arn: String, name: String, id: SourceId, mut start: Start) -> String {
        let shared = &self.0;
        shared.route.assign(id);
        let (mut handed, mut pause, mut iterator) = (0, PAUSE, None);
        loop {
            until_room(&shared.state).await;
            let read = match iterator.take() {
                Some(iterator) => Ok(iterator),
                None => self.iterator(&arn, &name, &start).await,
            };
            let answer = match read {
                Ok(current) => {
                    let answer = self.records(&current).await;
                    if matches!(answer, Err(Failure::Other(_))) {
                        // The same again: a new one at the latest record would leave out what was written meanwhile.
                        iterator = Some(current);
                    }
                    answer
                }
                Err(error) => Err(error),
            };
            match answer {
                Ok(GetRecordsOutput { records, next_shard_iterator, .. }) => {
                    let records = records.unwrap_or_default();
                    if let Some(last) = records.last().and_then(|record| record.dynamodb()?.sequence_number()) {
                        start = Start::After(last.to_owned());
                    }
                    pause = if records.is_empty() { (pause * 2).min(LONGEST_PAUSE) } else { PAUSE };
                    let records: Vec<_> =
                        records.iter().zip(handed + 1..).map(|(r, at)| read_record(r, at, &arn)).collect();
                    handed += i64::try_from(records.len()).unwrap_or_default();
                    let none = records.is_empty();
                    if !none {
                        shared.route.hand_on(id, records);
                    }
                    shared.reads.send_modify(|reads| {
                        let (rounds, last) = reads.shards.entry(id).or_default();
                        (*rounds, *last) = (*rounds + 1, handed);
                    });
                    iterator = next_shard_iterator;
                    if iterator.is_none() {
                        break;
                    }
                    if none {
                        sleep(pause).await;
                    }
                }
                Err(Failure::Expired) => {}
                Err(Failure::Trimmed) => {
                    self.say(&format!("records of {}'s stream were deleted before they were read", shared.table));
                    start = Start::Horizon;
                }
                Err(Failure::Unknown(error) | Failure::Other(error)) => {
                    self.say(&format!("reading {}'s stream: {error}", shared.table));
                    sleep(RECOVERY).await;
                }
            }
        }
        // An error says that the trigger has ended: nothing is left to wait for.
        drop(shared.state.clone().wait_for(|state| state.done.get(&id).is_some_and(|next| *next > handed)).await);
        shared.reads.send_modify(|reads| reads.shards.retain(|open, _| *open != id));
        name
    }

    async fn iterator(&self, arn: &str, shard: &str, start: &Start) -> Result<String, Failure> {
        let request = self.0.store.streams().get_shard_iterator().stream_arn(arn).shard_id(shard);
        let request = match start {
            Start::Horizon => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
            Start::Latest => request.shard_iterator_type(ShardIteratorType::Latest),
            Start::After(sequence) => {
                request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(sequence)
            }
        };
        let answer = request.send().await.map_err(|error| failure(error.code(), reason(&error)))?;
        answer.shard_iterator.ok_or_else(|| Failure::Other("the answer has no iterator".into()))
    }

    async fn records(&self, iterator: &str) -> Result<GetRecordsOutput, Failure> {
        let request = self.0.store.streams().get_records().shard_iterator(iterator);
        request.send().await.map_err(|error| failure(error.code(), reason(&error)))
    }

    fn say(&self, line: &str) {
        (self.0.say)(line);
    }
}

/// Why a shard could not be read.
enum Failure {
    /// The iterator was too old: another continues where it stood.
    Expired,
    /// The store has deleted what comes next.
    Trimmed,
    /// The store knows nothing of the iterator, as after a start of its own.
    Unknown(String),
    Other(String),
}

fn failure(code: Option<&str>, why: String) -> Failure {
    match code {
        Some("ExpiredIteratorException") => Failure::Expired,
        Some("TrimmedDataAccessException") => Failure::Trimmed,
        Some("ValidationException" | "ResourceNotFoundException") => Failure::Unknown(why),
        _ => Failure::Other(why),
    }
}

/// The number of the shard that is started next.
fn next_id(started: &HashMap<String, SourceId>) -> SourceId {
    SourceId(u32::try_from(started.len()).unwrap_or(u32::MAX))
}

/// Shards that others continue: nothing is written to them any more. An end of its numbers is no sign of that, some stores give
/// one for every shard.
fn continued(shards: &[Shard]) -> Vec<String> {
    let parents: HashSet<&str> = shards.iter().filter_map(Shard::parent_shard_id).collect();
    let names = shards.iter().filter_map(Shard::shard_id).filter(|name| parents.contains(name));
    names.map(str::to_owned).collect()
}

/// Shards that can be read now: what they continue is done, or gone.
fn startable(shards: &[Shard], started: &HashMap<String, SourceId>, finished: &HashSet<String>) -> Vec<String> {
    let listed: HashSet<&str> = shards.iter().filter_map(Shard::shard_id).collect();
    let free = |parent: &str| finished.contains(parent) || !listed.contains(parent);
    let ready = shards.iter().filter(|shard| shard.parent_shard_id().is_none_or(free));
    let names = ready.filter_map(Shard::shard_id).filter(|name| !started.contains_key(*name));
    names.map(str::to_owned).collect()
}

fn read_record(record: &aws_sdk_dynamodbstreams::types::Record, position: i64, arn: &str) -> Read {
    let change = record.dynamodb();
    let created = change.and_then(|change| change.approximate_creation_date_time());
    let record = Record {
        position,
        // What has no time is never too old.
        written_ms: created.and_then(|time| time.to_millis().ok()).unwrap_or(i64::MAX),
        json: attribute::record(record, arn).to_string().into(),
        sequence: change.and_then(|change| change.sequence_number()).unwrap_or_default().into(),
    };
    let keys = change.and_then(|change| change.keys()).map(attribute::item).unwrap_or_default();
    Read { record, keys: keys.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(name: &str, parent: Option<&str>) -> Shard {
        Shard::builder().shard_id(name).set_parent_shard_id(parent.map(str::to_owned)).build()
    }

    #[test]
    fn a_shard_waits_for_the_one_it_continues() {
        let shards = [shard("a", Some("trimmed")), shard("b", Some("a")), shard("c", Some("a")), shard("d", None)];
        let (mut started, mut finished) = (HashMap::new(), HashSet::new());
        assert_eq!(startable(&shards, &started, &finished), ["a", "d"]);
        started.extend([("a".to_owned(), SourceId(0)), ("d".to_owned(), SourceId(1))]);
        assert!(startable(&shards, &started, &finished).is_empty());
        finished.insert("a".to_owned());
        assert_eq!(startable(&shards, &started, &finished), ["b", "c"]);
    }

    #[test]
    fn of_shards_and_what_continues_them_only_the_last_have_latest_records() {
        let shards = [shard("a", None), shard("b", Some("a")), shard("c", Some("b")), shard("d", Some("trimmed"))];
        assert_eq!(continued(&shards), ["a", "b"]);
        let finished: HashSet<_> = continued(&shards).into_iter().collect();
        let started = finished.iter().map(|name| (name.clone(), SourceId(0))).collect();
        assert_eq!(startable(&shards, &started, &finished), ["c", "d"]);
    }

    #[test]
    fn only_an_iterator_that_the_store_may_still_know_is_used_again() {
        assert!(matches!(failure(None, "no answer".into()), Failure::Other(_)));
        assert!(matches!(failure(Some("InternalServerError"), "".into()), Failure::Other(_)));
        assert!(matches!(failure(Some("ValidationException"), "".into()), Failure::Unknown(_)));
        assert!(matches!(failure(Some("ExpiredIteratorException"), "".into()), Failure::Expired));
    }
}

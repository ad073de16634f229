//! A consumer group's positions: committed to the broker a moment after they move, many at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::sync::watch;

use super::record::SourceId;
use crate::Say;
use crate::broker::{BrokerError, Member};

/// Commits wait this long for others.
const PAUSE: Duration = Duration::from_millis(200);

/// How long the broker may take to say what is committed.
const PATIENCE: Duration = Duration::from_secs(5);

/// The client that commits.
pub(super) enum Client {
    /// A client beside the group, which has no members: the stack keeps the positions itself.
    Outside(BaseConsumer),
    /// A member of the group.
    Member(Arc<Member>),
}

impl Client {
    /// A client that commits for this group.
    pub(super) fn outside(bootstrap: &str, group: &str) -> Result<Self, BrokerError> {
        ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", group)
            .set("log_level", "3")
            .create()
            .map(Self::Outside)
            .map_err(BrokerError::call(format!("making a client for group {group}")))
    }
}

/// The positions of one group on one topic. Clones are the same.
#[derive(Clone)]
pub(super) struct Positions(Arc<Shared>);

struct Shared {
    topic: String,
    /// Per partition the position of the broker's first record, where that is not 0.
    origins: BTreeMap<u32, i64>,
    client: Client,
    say: Say,
    moved: Mutex<BTreeMap<SourceId, i64>>,
    /// Ends the committing task when it is dropped.
    wake: watch::Sender<()>,
}

impl Positions {
    /// Commits on a task of its own until the last clone is gone.
    pub(super) fn start(topic: String, origins: BTreeMap<u32, i64>, client: Client, say: Say) -> Self {
        let (wake, mut woken) = watch::channel(());
        let shared = Arc::new(Shared { topic, origins, client, say, moved: Mutex::default(), wake });
        let weak = Arc::downgrade(&shared);
        tokio::spawn(async move {
            while woken.changed().await.is_ok() {
                tokio::time::sleep(PAUSE).await;
                let Some(positions) = weak.upgrade() else { return };
                positions.commit(CommitMode::Async);
            }
        });
        Self(shared)
    }

    /// Takes note of positions below which everything is done.
    pub(super) fn advance(&self, positions: &[(SourceId, i64)]) {
        self.0.moved.lock().unwrap_or_else(PoisonError::into_inner).extend(positions.iter().copied());
        self.0.wake.send_replace(());
    }

    /// Forgets a partition that another member commits from now on.
    pub(super) fn forget(&self, source: SourceId) {
        self.0.moved.lock().unwrap_or_else(PoisonError::into_inner).remove(&source);
    }

    /// What a given broker has for the group, which another run may have committed; empty on the embedded one.
    pub(super) async fn committed(&self, partitions: &[(SourceId, i64, i64)]) -> BTreeMap<SourceId, i64> {
        let shared = Arc::clone(&self.0);
        let none = partitions.iter().map(|(source, ..)| (*source, 0)).collect();
        let asked = tokio::task::spawn_blocking(move || shared.ask(&none)).await;
        asked.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// Commits what moved and waits for the broker's answer.
    pub(super) async fn flush(&self) {
        let shared = Arc::clone(&self.0);
        // An error says that the runtime ends; what was not committed is read again.
        drop(tokio::task::spawn_blocking(move || shared.commit(CommitMode::Sync)).await);
    }
}

impl Shared {
    fn commit(&self, mode: CommitMode) {
        let moved = std::mem::take(&mut *self.moved.lock().unwrap_or_else(PoisonError::into_inner));
        if moved.is_empty() {
            return;
        }
        if let Err(error) = self.list(&moved).and_then(|list| match &self.client {
            Client::Outside(client) => client.commit(&list, mode),
            Client::Member(member) => member.consumer().commit(&list, mode),
        }) {
            (self.say)(&format!("positions on {} are not committed yet: {error}", self.topic));
            let mut waiting = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
            for (source, position) in moved {
                waiting.entry(source).or_insert(position);
            }
        }
    }

    fn ask(&self, partitions: &BTreeMap<SourceId, i64>) -> KafkaResult<BTreeMap<SourceId, i64>> {
        let Client::Member(member) = &self.client else { return Ok(BTreeMap::new()) };
        let committed = member.consumer().committed_offsets(self.list(partitions)?, PATIENCE)?;
        let position = |element: &TopicPartitionListElem<'_>| match element.offset() {
            Offset::Offset(offset) => Some((SourceId(element.partition().unsigned_abs()), offset)),
            _ => None,
        };
        Ok(committed.elements().iter().filter_map(position).collect())
    }

    fn list(&self, positions: &BTreeMap<SourceId, i64>) -> KafkaResult<TopicPartitionList> {
        let mut list = TopicPartitionList::with_capacity(positions.len());
        for (source, position) in positions {
            let partition = i32::try_from(source.0).unwrap_or(i32::MAX);
            let origin = self.origins.get(&source.0).copied().unwrap_or_default();
            list.add_partition_offset(&self.topic, partition, Offset::Offset((position - origin).max(0)))?;
        }
        Ok(list)
    }
}

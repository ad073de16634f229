//! Whether everything is settled: nothing to read, nothing under way, nothing that waits for a deadline.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::Select;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaResult;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;

use super::progress::State;
use super::record::SourceId;
use super::shards::Reads;
use super::stream::SHARD;
use super::{Triggers, Watched, What};
use crate::store::Store;
use crate::template::DeadlineIndex;

/// How long the broker may take to say where a topic ends.
const PATIENCE: Duration = Duration::from_secs(5);

impl Triggers {
    /// What keeps the stack from being settled; empty if nothing does. A write is in here from the moment that it was
    /// answered until its effects are committed.
    pub async fn pending(&self) -> Vec<String> {
        let before = self.turns();
        // What the stack knows itself is asked first, it is cheap. Deadlines come before streams: the write that ends
        // a wait is in its stream then.
        let mut pending = self.losses.list();
        pending.extend(self.unfinished());
        if pending.is_empty() {
            pending = self.waiting().await;
        }
        if pending.is_empty() {
            pending = self.behind_topics().await;
        }
        if pending.is_empty() {
            pending = self.behind_streams().await;
        }
        if pending.is_empty() && self.turns() != before {
            pending.push("records arrived or were done while this was asked".to_owned());
        }
        pending
    }

    /// What the function's triggers read, and how far they are.
    pub fn describe(&self, function: &str) -> Vec<String> {
        let watched = self.watched.iter().filter(|watched| watched.function == function);
        watched.map(Watched::to_string).collect()
    }

    fn turns(&self) -> u64 {
        self.watched.iter().map(|watched| watched.state.borrow().turn).sum()
    }

    fn unfinished(&self) -> Vec<String> {
        let busy = |watched: &&Watched| {
            let state = watched.state.borrow();
            state.unfinished > 0 || state.running > 0
        };
        self.watched.iter().filter(busy).map(Watched::to_string).collect()
    }

    /// Aggregates that wait for a deadline.
    async fn waiting(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        for deadline in &self.deadlines {
            match self.count(deadline).await {
                Some(0) => {}
                Some(count) => waiting.push(format!("{count} of {} wait for their deadline", deadline.table)),
                None => waiting.push(format!("{}'s index {} cannot be read", deadline.table, deadline.index)),
            }
        }
        waiting
    }

    async fn count(&self, deadline: &DeadlineIndex) -> Option<u64> {
        match &self.store {
            Store::Embedded(store) => {
                let scan = json!({"TableName": deadline.table, "IndexName": deadline.index, "Select": "COUNT"});
                let answer = store.call("Scan", scan.to_string().as_bytes()).ok()?;
                serde_json::from_str::<serde_json::Value>(&answer).ok()?["Count"].as_u64()
            }
            Store::Remote(store) => {
                let scan = store.tables().scan().table_name(&deadline.table).index_name(&deadline.index);
                u64::try_from(scan.select(Select::Count).send().await.ok()?.count()).ok()
            }
        }
    }

    async fn behind_streams(&self) -> Vec<String> {
        let mut behind = Vec::new();
        for watched in &self.watched {
            let What::Stream { table, reads } = &watched.what else { continue };
            let read_to = match (&self.store, reads) {
                (Store::Embedded(store), _) => Some(vec![(SHARD, store.newest(table).borrow().0)]),
                (Store::Remote(_), Some(reads)) => timeout(PATIENCE, read_again(reads.clone())).await.ok().flatten(),
                (Store::Remote(_), None) => None,
            };
            let state = watched.state.borrow();
            let done = |(shard, last): &(SourceId, i64)| state.done.get(shard).is_some_and(|next| next > last);
            if !read_to.is_some_and(|shards| shards.iter().all(done)) {
                behind.push(watched.to_string());
            }
        }
        behind
    }

    async fn behind_topics(&self) -> Vec<String> {
        let mut behind = Vec::new();
        let mut ends = HashMap::new();
        for watched in &self.watched {
            let What::Topic { topic, positions } = &watched.what else { continue };
            if !ends.contains_key(topic) {
                ends.insert(topic, self.ends(topic).await);
            }
            positions.flush().await;
            match &ends[topic] {
                Ok(ends) if is_at(&watched.state.borrow().done, ends) => {}
                Ok(ends) if is_at(&positions.committed(ends).await, ends) => {}
                Ok(_) => behind.push(watched.to_string()),
                Err(error) => behind.push(format!("{topic}: {error}")),
            }
        }
        behind
    }

    /// Per partition of a topic where it begins and ends.
    async fn ends(&self, topic: &str) -> Result<Vec<(SourceId, i64, i64)>, String> {
        let origins = self.origins.of_topic(topic);
        let (client, topic) = (Arc::clone(&self.client), self.broker.name(topic));
        self.broker.admit(client.client()).map_err(|error| error.to_string())?;
        let ask = move || -> KafkaResult<Vec<_>> {
            let metadata = client.fetch_metadata(Some(&topic), PATIENCE)?;
            let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions()).map(|p| p.id());
            partitions
                .map(|partition| {
                    let (low, high) = client.fetch_watermarks(&topic, partition, PATIENCE)?;
                    let source = SourceId(partition.unsigned_abs());
                    // What was there before this run's broker counts too, from the first.
                    Ok(origins.get(&source.0).map_or((source, low, high), |origin| (source, 0, origin + high)))
                })
                .collect()
        };
        let ends = tokio::task::spawn_blocking(ask).await.map_err(|error| error.to_string())?;
        ends.map_err(|error| error.to_string())
    }
}

/// The last position of each shard, once each was read by a call that began after this one.
async fn read_again(mut reads: watch::Receiver<Reads>) -> Option<Vec<(SourceId, i64)>> {
    let before = reads.borrow().shards.clone();
    let again = |shards: &BTreeMap<SourceId, (u64, i64)>| {
        // The call that ends next may have begun before.
        before.iter().all(|(shard, (rounds, _))| shards.get(shard).is_none_or(|(now, _)| *now >= rounds + 2))
    };
    let reads = reads.wait_for(|reads| reads.listed && again(&reads.shards)).await.ok()?;
    Some(reads.shards.iter().map(|(shard, (_, last))| (*shard, *last)).collect())
}

/// Whether a group has done everything up to the end of each partition.
fn is_at(positions: &BTreeMap<SourceId, i64>, ends: &[(SourceId, i64, i64)]) -> bool {
    ends.iter().all(|(source, low, high)| low == high || positions.get(source).is_some_and(|next| next >= high))
}

impl Watched {
    /// The function and what it reads.
    pub(super) fn name(&self) -> String {
        match &self.what {
            What::Topic { topic, .. } => format!("{} on topic {topic}", self.function),
            What::Stream { table, .. } => format!("{} on the stream of {table}", self.function),
        }
    }
}

impl std::fmt::Display for Watched {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let State { unfinished, running, .. } = *self.state.borrow();
        write!(out, "{}: {unfinished} records to do, {running} invocations running", self.name())
    }
}

//! Whether everything is settled: nothing to read, nothing under way, nothing that waits for a deadline.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaResult;
use serde_json::json;

use super::progress::State;
use super::record::SourceId;
use super::stream::SHARD;
use super::{Triggers, Watched, What};
use crate::store::Store;

/// How long the broker may take to say where a topic ends.
const PATIENCE: Duration = Duration::from_secs(5);

impl Triggers {
    /// What keeps the stack from being settled; empty if nothing does. A write is in here from the moment that it was
    /// answered until its effects are committed.
    pub async fn pending(&self) -> Vec<String> {
        let before = self.turns();
        // What the stack knows itself is asked first, it is cheap. Deadlines come before streams: the write that ends
        // a wait is in its stream then.
        let mut pending = self.unfinished();
        if pending.is_empty() {
            pending = self.waiting();
        }
        if pending.is_empty() {
            pending = self.behind_topics().await;
        }
        if pending.is_empty() {
            pending = self.behind_streams();
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
    fn waiting(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        for deadline in &self.deadlines {
            let Store::Embedded(store) = &self.store;
            let query = json!({"TableName": deadline.table, "IndexName": deadline.index, "Select": "COUNT"});
            let count = store
                .call("Scan", query.to_string().as_bytes())
                .ok()
                .and_then(|answer| serde_json::from_str::<serde_json::Value>(&answer).ok()?["Count"].as_u64());
            match count {
                Some(0) => {}
                Some(count) => waiting.push(format!("{count} of {} wait for their deadline", deadline.table)),
                None => waiting.push(format!("{}'s index {} cannot be read", deadline.table, deadline.index)),
            }
        }
        waiting
    }

    fn behind_streams(&self) -> Vec<String> {
        let Store::Embedded(store) = &self.store;
        let behind = |watched: &&Watched| match &watched.what {
            What::Stream { table } => {
                let newest = store.newest(table).borrow().0;
                watched.state.borrow().done.get(&SHARD).is_none_or(|next| *next <= newest)
            }
            What::Topic { .. } => false,
        };
        self.watched.iter().filter(behind).map(Watched::to_string).collect()
    }

    async fn behind_topics(&self) -> Vec<String> {
        let mut behind = Vec::new();
        let mut ends = std::collections::HashMap::new();
        for watched in &self.watched {
            let What::Topic { topic, positions } = &watched.what else { continue };
            if !ends.contains_key(topic) {
                ends.insert(topic, self.ends(topic).await);
            }
            positions.flush().await;
            match &ends[topic] {
                Ok(ends) if is_at(&watched.state.borrow(), ends) => {}
                Ok(_) => behind.push(watched.to_string()),
                Err(error) => behind.push(format!("{topic}: {error}")),
            }
        }
        behind
    }

    /// Per partition of a topic where it begins and ends.
    async fn ends(&self, topic: &str) -> Result<Vec<(SourceId, i64, i64)>, String> {
        let (broker, topic) = (Arc::clone(&self.broker), topic.to_owned());
        let ask = move || -> KafkaResult<Vec<_>> {
            let metadata = broker.fetch_metadata(Some(&topic), PATIENCE)?;
            let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions()).map(|p| p.id());
            partitions
                .map(|partition| {
                    let (low, high) = broker.fetch_watermarks(&topic, partition, PATIENCE)?;
                    Ok((SourceId(partition.unsigned_abs()), low, high))
                })
                .collect()
        };
        let ends = tokio::task::spawn_blocking(ask).await.map_err(|error| error.to_string())?;
        ends.map_err(|error| error.to_string())
    }
}

/// Whether a group has done everything up to the end of each partition.
fn is_at(state: &State, ends: &[(SourceId, i64, i64)]) -> bool {
    ends.iter().all(|(source, low, high)| low == high || state.done.get(source).is_some_and(|next| next >= high))
}

impl std::fmt::Display for Watched {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let State { unfinished, running, .. } = *self.state.borrow();
        match &self.what {
            What::Topic { topic, .. } => write!(out, "{} on topic {topic}", self.function)?,
            What::Stream { table } => write!(out, "{} on the stream of {table}", self.function)?,
        }
        write!(out, ": {unfinished} records to do, {running} invocations running")
    }
}

//! Topics, whose partitions keep every record.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;

use serde_json::Value;

use super::core::Core;
use crate::Record;
use crate::ports::Message;

/// All topics.
#[derive(Default)]
pub(super) struct Topics(BTreeMap<String, Vec<Partition>>);

/// One partition.
#[derive(Default)]
pub(super) struct Partition {
    records: Vec<Arc<Stored>>,
    /// Readers at its end.
    waiting: Vec<Waker>,
}

/// A record with what triggers' filters look at.
pub(super) struct Stored {
    pub(super) record: Record,
    /// `{"value": ...}`, where the value is JSON.
    pub(super) seen: Option<Value>,
    /// The true time of its arrival.
    pub(super) at: u64,
}

impl Topics {
    pub(super) fn add(&mut self, topic: &str, partitions: usize) {
        let all = self.0.entry(topic.to_owned()).or_default();
        while all.len() < partitions {
            all.push(Partition::default());
        }
    }

    pub(super) fn partitions(&self, topic: &str) -> usize {
        self.0.get(topic).map_or(0, Vec::len)
    }

    fn partition(&self, topic: &str, partition: usize) -> Option<&Partition> {
        self.0.get(topic)?.get(partition)
    }

    pub(super) fn end(&self, topic: &str, partition: usize) -> usize {
        self.partition(topic, partition).map_or(0, |partition| partition.records.len())
    }

    pub(super) fn read(&self, topic: &str, partition: usize, from: usize, most: usize) -> Vec<Arc<Stored>> {
        let records =
            self.partition(topic, partition).map(|partition| partition.records.as_slice()).unwrap_or_default();
        records.iter().skip(from).take(most).cloned().collect()
    }

    /// All records of a topic, partition after partition.
    pub(super) fn all(&self, topic: &str) -> Vec<Arc<Stored>> {
        self.0.get(topic).into_iter().flatten().flat_map(|partition| partition.records.iter().cloned()).collect()
    }

    /// The records of each partition of each topic.
    pub(super) fn each(&self) -> impl Iterator<Item = impl Iterator<Item = &Stored>> {
        self.0.values().flatten().map(|partition| partition.records.iter().map(AsRef::as_ref))
    }

    /// Rings when the partition's next record is there.
    pub(super) fn wait(&mut self, topic: &str, partition: usize, waker: &Waker) {
        if let Some(partition) = self.0.get_mut(topic).and_then(|all| all.get_mut(partition)) {
            partition.waiting.push(waker.clone());
        }
    }

    pub(super) fn append(&mut self, core: &Core, message: Message) {
        let Some(all) = self.0.get_mut(&message.topic) else { return };
        let sum: usize = message.key.bytes().map(usize::from).sum();
        let at = sum % all.len().max(1);
        let partition = &mut all[at];
        let value: Option<Value> = serde_json::from_slice(&message.value).ok();
        core.say(format_args!("{}-{at}/{} {}", message.topic, partition.records.len(), Told(value.as_ref())));
        partition.records.push(Arc::new(Stored {
            record: Record {
                topic: message.topic,
                partition: i32::try_from(at).unwrap_or(0),
                offset: i64::try_from(partition.records.len()).unwrap_or(0),
                timestamp: core.time(),
                key: Some(message.key.into_bytes()),
                value: Some(message.value),
                headers: Vec::new(),
            },
            seen: value.map(|value| Value::Object([("value".to_owned(), value)].into_iter().collect())),
            at: core.now(),
        }));
        for waiting in partition.waiting.drain(..) {
            waiting.wake();
        }
    }
}

/// A record in a line of the history.
struct Told<'a>(Option<&'a Value>);

impl std::fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let field = |name: &str| self.0.and_then(|event| event.get(name)?.as_str()).unwrap_or("?");
        write!(
            f,
            "{} {} of {}, because of {}",
            field("type"),
            field("id"),
            field("correlationid"),
            field("causationid")
        )
    }
}

//! The simulated broker: topics whose partitions keep every record, and producers whose records are lost, late or twice there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::Waker;
use std::time::Duration;

use serde_json::{Value, json};

use super::core::{Core, Due};
use super::faults::Fault;
use super::sabotage::Sabotage;
use crate::ports::{Broker, Message, Pending, PublishError};
use crate::{Envelope, Record};

/// One way of a call.
const QUICK: (Duration, Duration) = (Duration::from_micros(300), Duration::from_millis(5));

/// How much later a record that was given up may be there.
const LATE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(20));

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
            seen: value.map(|value| json!({ "value": value })),
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

/// A record that its producer has given up arrives all the same.
pub(super) fn publish_late(core: &Core, message: Message) {
    core.say(format_args!("a record that was given up arrives"));
    core.topics().append(core, message);
}

/// The broker, as all producers see it.
pub(super) struct SimulatedBroker {
    core: Arc<Core>,
    /// It cannot be reached before this.
    down_until: AtomicU64,
}

impl SimulatedBroker {
    pub(super) fn new(core: Arc<Core>) -> Self {
        SimulatedBroker { core, down_until: AtomicU64::new(0) }
    }

    /// Cannot be reached for a while.
    pub(super) fn fail_for(&self, time: Duration) {
        let until = self.core.now().saturating_add(u64::try_from(time.as_micros()).unwrap_or(0));
        self.core.say(format_args!("the broker is down for {} ms", time.as_millis()));
        self.down_until.store(until, Relaxed);
    }

    /// Hands the records over one by one. What follows a record that fails is not handed over, as an idempotent producer has it.
    fn hand_over(&self, mut messages: Vec<Message>) -> Vec<Result<(), PublishError>> {
        let core = &self.core;
        if matches!(core.sabotage, Some(Sabotage::OutboxOrder)) {
            messages.reverse();
        }
        let timed_out = || Err(PublishError::Unavailable("timed out".to_owned()));
        let mut failing = false;
        let mut answers = Vec::with_capacity(messages.len());
        for message in messages {
            if failing {
                answers.push(timed_out());
                continue;
            }
            failing = core.strikes(Fault::Throttling);
            if !failing || core.strikes(Fault::LostAnswers) {
                core.topics().append(core, message);
            } else if core.strikes(Fault::LateEffects) {
                let late = core.random().span(LATE.0, LATE.1);
                core.later(late, Due::Publish(message));
            }
            answers.push(if failing { timed_out() } else { Ok(()) });
        }
        answers
    }
}

impl Broker for SimulatedBroker {
    fn publish(&self, messages: Vec<Message>) -> Pending<'_, Vec<Result<(), PublishError>>> {
        Box::pin(async move {
            let core = &self.core;
            core.pause(QUICK.0, QUICK.1).await;
            if core.now() < self.down_until.load(Relaxed) && !core.is_calm() {
                let down = PublishError::Unavailable("the broker cannot be reached".to_owned());
                return messages.iter().map(|_| Err(down.clone())).collect();
            }
            let answers = self.hand_over(messages);
            core.pause(QUICK.0, QUICK.1).await;
            if core.strikes(Fault::LostAnswers) {
                core.say(format_args!("acknowledgements are lost"));
                let lost = PublishError::Unavailable("no acknowledgement in time".to_owned());
                return answers.into_iter().map(|_| Err(lost.clone())).collect();
            }
            answers
        })
    }
}

/// Whether the bytes are an event's, and which.
pub(super) fn event(stored: &Stored) -> Option<Envelope> {
    Envelope::decode(stored.record.value.as_deref()?).ok()
}

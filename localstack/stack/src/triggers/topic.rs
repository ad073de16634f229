//! From a topic to the triggers on it: each message is rendered and parsed once, then goes wherever a filter lets it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use rdkafka::Message;
use rdkafka::consumer::{ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::message::{parse, parse_rendered, render};
use super::progress::{State, until_room};
use super::record::{Arrival, Feed, LaneId, Record, SourceId};
use crate::Say;
use crate::broker::Given;
use crate::journal::{Ends, Entry, Journal};
use crate::template::Filter;

/// Messages handed on at once.
const MOST: usize = 500;

/// What each trigger gets, by the topic's name in the template.
type Batches<'r> = HashMap<&'r str, Vec<Vec<Arrival>>>;

/// A trigger on a topic.
pub(super) struct Route {
    pub(super) filter: Filter,
    /// Per partition, where an earlier run has stopped; from its beginning where there is none.
    pub(super) from: BTreeMap<u32, i64>,
    pub(super) feed: UnboundedSender<Feed>,
}

/// A reader of topics and the triggers on them.
pub(super) struct Reader {
    /// By the topic's name in the template.
    pub(super) routes: HashMap<String, Vec<Route>>,
    pub(super) broker: Given,
    pub(super) say: Say,
    /// The last thing that any reader got was an error: an outage is said once, not by each.
    pub(super) failing: Arc<AtomicBool>,
    /// While this trigger has too much to do, nothing is read.
    pub(super) paused_by: Option<watch::Receiver<State>>,
    /// Where records are noted that were gone before they were read; set if their places follow each other.
    pub(super) losses: Option<Losses>,
    /// What earlier runs have read comes first, and what is read is written down before it is handed on.
    pub(super) journal: Option<Journal>,
}

/// What was read at once.
#[derive(Default)]
struct Haul<'r> {
    batches: Batches<'r>,
    /// What has to be written down of it, and up to where that reaches on the broker.
    entries: Vec<Entry>,
    read: Ends,
}

impl Reader {
    /// Reads until the task is ended, handing what is there at once on together.
    pub(super) async fn read<C: ConsumerContext + 'static>(self, consumer: &StreamConsumer<C>) {
        let mut next_offsets = HashMap::new();
        if let Some(journal) = &self.journal {
            self.read_again(journal).await;
        }
        loop {
            if let Some(state) = &self.paused_by {
                until_room(state).await;
            }
            let mut haul = Haul::default();
            let mut next = Some(consumer.recv().await);
            let mut taken = 0;
            while let Some(message) = next {
                match &message {
                    Ok(message) => {
                        if self.failing.swap(false, Ordering::Relaxed) {
                            (self.say)("reading from the broker again");
                        }
                        self.notice_gap(message, &mut next_offsets);
                        self.take(message, &mut haul);
                    }
                    Err(error) if !self.failing.swap(true, Ordering::Relaxed) => {
                        (self.say)(&trouble(error));
                    }
                    Err(_) => {}
                }
                taken += 1;
                // What is received has to be taken: it does not come again.
                next = if taken < MOST { consumer.recv().now_or_never() } else { None };
            }
            if let Some(journal) = &self.journal {
                journal.write(&haul.entries, haul.read).await;
            }
            self.hand_on(haul.batches);
        }
    }

    /// Hands on what earlier runs have written down and triggers have not passed.
    async fn read_again(&self, journal: &Journal) {
        let mut after = 0;
        loop {
            let entries = journal.read_on(after, MOST).await;
            let Some((last, _)) = entries.last() else { return };
            after = *last;
            let mut batches = Batches::new();
            for (_, entry) in entries {
                let Some((topic, _)) = self.routes.get_key_value(&entry.topic) else { continue };
                let record = Arc::new(Record {
                    position: entry.position,
                    written_ms: entry.written_ms,
                    json: entry.json.into(),
                    sequence: "".into(),
                });
                let value = || parse_rendered(&record.json);
                self.route(topic, entry.partition, entry.position, value, || Arc::clone(&record), &mut batches);
            }
            self.hand_on(batches);
            tokio::task::yield_now().await;
        }
    }

    fn hand_on(&self, batches: Batches<'_>) {
        for (topic, batches) in batches {
            for (route, arrivals) in self.routes.get(topic).into_iter().flatten().zip(batches) {
                // A trigger whose poller has ended needs nothing any more.
                drop(route.feed.send(Feed::Arrived(arrivals)));
            }
        }
    }

    /// Takes a message in, for the triggers on its topic and for the journal.
    fn take<'r>(&'r self, message: &BorrowedMessage<'_>, haul: &mut Haul<'r>) {
        let known = self.broker.known(message.topic()).and_then(|topic| self.routes.get_key_value(topic));
        let Some((topic, _)) = known else { return };
        let (partition, offset) = (message.partition().unsigned_abs(), message.offset());
        let value = || parse(message.payload());
        let Some(journal) = &self.journal else {
            let mut record = None;
            let render = || Arc::clone(record.get_or_insert_with(|| Arc::new(render(topic, message, offset))));
            return self.route(topic, partition, offset, value, render, &mut haul.batches);
        };
        let position = journal.origins().of(topic, partition) + offset;
        let record = Arc::new(render(topic, message, position));
        haul.read.insert((topic.clone(), partition), offset + 1);
        haul.entries.push(Entry {
            topic: topic.clone(),
            partition,
            position,
            written_ms: record.written_ms,
            json: record.json.to_string(),
        });
        self.route(topic, partition, position, value, || Arc::clone(&record), &mut haul.batches);
    }

    /// Puts a record into the batches of the triggers on its topic. Its value is parsed and it is rendered where one asks for it.
    fn route<'r>(
        &'r self,
        topic: &'r str,
        partition: u32,
        position: i64,
        value: impl FnOnce() -> Option<Value>,
        mut record: impl FnMut() -> Arc<Record>,
        batches: &mut Batches<'r>,
    ) {
        let Some(triggers) = self.routes.get(topic) else { return };
        let batches = batches.entry(topic).or_insert_with(|| vec![Vec::new(); triggers.len()]);
        let lane = LaneId { source: SourceId(partition), part: 0 };
        let filtered = triggers.iter().any(|trigger| !trigger.filter.is_empty());
        let value = if filtered { value() } else { None };
        for (trigger, batch) in triggers.iter().zip(batches) {
            if trigger.from.get(&partition).is_some_and(|from| position < *from) {
                continue;
            }
            let passes = trigger.filter.is_empty() || value.as_ref().is_some_and(|value| trigger.filter.matches(value));
            batch.push(Arrival { lane, position, record: passes.then(&mut record) });
        }
    }

    /// Says so where the broker did not keep what was not read yet.
    fn notice_gap(&self, message: &BorrowedMessage<'_>, next_offsets: &mut HashMap<(String, i32), i64>) {
        let Some(losses) = &self.losses else { return };
        let (topic, partition, offset) = (message.topic().to_owned(), message.partition(), message.offset());
        let expected = next_offsets.insert((topic, partition), offset + 1).unwrap_or_default();
        if offset > expected {
            let lost = format!(
                "{} {partition}: records {expected} to {} were overwritten before they were read; restart the stack",
                message.topic(),
                offset - 1
            );
            (self.say)(&lost);
            losses.note(lost);
        }
    }
}

/// What was lost since the start. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Losses(Arc<Mutex<Vec<String>>>);

impl Losses {
    fn note(&self, lost: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(lost);
    }

    /// What was lost, a line each.
    pub(super) fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What keeps a topic from being read, and what to do where waiting is not enough.
fn trouble(error: &KafkaError) -> String {
    let remedy = match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            "a topic is missing; `whenever topics` creates it"
        }
        Some(RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::GroupAuthorizationFailed) => {
            "the broker does not allow it; grant the right"
        }
        _ => "it is tried again until it works",
    };
    format!("reading from the broker: {error}; {remedy}")
}

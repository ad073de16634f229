//! From a topic to the triggers on it: each message is rendered and parsed once, then goes wherever a filter lets it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::FutureExt as _;
use rdkafka::Message;
use rdkafka::consumer::{ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers as _, Timestamp};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::progress::State;
use super::record::{Arrival, Feed, LaneId, Record, SourceId};
use crate::Say;
use crate::broker::Given;
use crate::template::Filter;

/// Messages handed on at once.
const MOST: usize = 500;

/// A trigger on a topic.
pub(super) struct Route {
    pub(super) filter: Filter,
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
    /// While the trigger has this much to do, nothing is read.
    pub(super) pause_at: Option<(watch::Receiver<State>, usize)>,
    /// Where records are noted that were gone before they were read; set if their places follow each other.
    pub(super) losses: Option<Losses>,
}

impl Reader {
    /// Reads until the task is ended, handing what is there at once on together.
    pub(super) async fn read<C: ConsumerContext + 'static>(self, consumer: &StreamConsumer<C>) {
        let mut next_offsets = HashMap::new();
        loop {
            if let Some((state, most)) = &self.pause_at {
                // An error says that the trigger has ended: nothing is left to pause for.
                drop(state.clone().wait_for(|state| state.unfinished < *most).await);
            }
            let mut batches: HashMap<&str, Vec<Vec<Arrival>>> = HashMap::new();
            let mut message = consumer.recv().await;
            for _ in 0..MOST {
                match &message {
                    Ok(message) => {
                        if self.failing.swap(false, Ordering::Relaxed) {
                            (self.say)("reading from the broker again");
                        }
                        self.notice_gap(message, &mut next_offsets);
                        self.route(message, &mut batches);
                    }
                    Err(error) if !self.failing.swap(true, Ordering::Relaxed) => {
                        (self.say)(&trouble(error));
                    }
                    Err(_) => {}
                }
                match consumer.recv().now_or_never() {
                    Some(next) => message = next,
                    None => break,
                }
            }
            for (topic, batches) in batches {
                for (route, arrivals) in self.routes.get(topic).into_iter().flatten().zip(batches) {
                    // A trigger whose poller has ended needs nothing any more.
                    drop(route.feed.send(Feed::Arrived(arrivals)));
                }
            }
        }
    }

    /// Hands a message to the triggers on its topic, which see it under the template's name.
    fn route<'r>(&'r self, message: &BorrowedMessage<'_>, batches: &mut HashMap<&'r str, Vec<Vec<Arrival>>>) {
        let routes = self.broker.known(message.topic()).and_then(|topic| self.routes.get_key_value(topic));
        let Some((topic, triggers)) = routes else { return };
        let batches = batches.entry(topic.as_str()).or_insert_with(|| vec![Vec::new(); triggers.len()]);
        let lane = LaneId { source: SourceId(message.partition().unsigned_abs()), part: 0 };
        let position = message.offset();
        let filtered = triggers.iter().any(|trigger| !trigger.filter.is_empty());
        let value = if filtered { parse(message.payload()) } else { None };
        let mut record = None;
        for (trigger, batch) in triggers.iter().zip(batches) {
            let passes = trigger.filter.is_empty() || value.as_ref().is_some_and(|value| trigger.filter.matches(value));
            let render = || Arc::new(render(topic, message));
            let record = passes.then(|| Arc::clone(record.get_or_insert_with(render)));
            batch.push(Arrival { lane, position, record });
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

/// What a filter sees of a message; nothing where the value is not JSON.
fn parse(payload: Option<&[u8]>) -> Option<Value> {
    let value: Value = serde_json::from_slice(payload?).ok()?;
    Some(Value::Object([("value".to_owned(), value)].into_iter().collect()))
}

/// The message as an event shows it.
#[derive(Serialize)]
struct Rendered<'m> {
    topic: &'m str,
    partition: i32,
    offset: i64,
    timestamp: i64,
    #[serde(rename = "timestampType")]
    timestamp_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// One object for each header, so that a name may come twice. Bytes are signed there.
    headers: Vec<HashMap<&'m str, Vec<i8>>>,
}

fn render(topic: &str, message: &BorrowedMessage<'_>) -> Record {
    let (timestamp, timestamp_type) = match message.timestamp() {
        Timestamp::CreateTime(ms) => (ms, "CREATE_TIME"),
        Timestamp::LogAppendTime(ms) => (ms, "LOG_APPEND_TIME"),
        Timestamp::NotAvailable => (0, "NO_TIMESTAMP_TYPE"),
    };
    let headers = message.headers().into_iter().flat_map(|headers| headers.iter()).map(|header| {
        let bytes = header.value.unwrap_or_default().iter().map(|byte| byte.cast_signed()).collect();
        HashMap::from([(header.key, bytes)])
    });
    let rendered = Rendered {
        topic,
        partition: message.partition(),
        offset: message.offset(),
        timestamp,
        timestamp_type,
        key: message.key().map(|key| BASE64_STANDARD.encode(key)),
        value: message.payload().map(|value| BASE64_STANDARD.encode(value)),
        headers: headers.collect(),
    };
    // Strings and numbers always serialise.
    let json = serde_json::to_string(&rendered).unwrap_or_default().into();
    // What has no time is never too old.
    let written_ms = message.timestamp().to_millis().unwrap_or(i64::MAX);
    Record { position: message.offset(), written_ms, json, sequence: "".into() }
}

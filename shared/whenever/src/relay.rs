//! The relay: moves outbox events from a table's stream to the broker.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::Needs;
use crate::dead_letter::DeadLetters;
use crate::invocation::Invocation;
use crate::item::Item;
use crate::outbox::{Outgoing, outgoing};
use crate::ports::{Broker as _, Message, PublishError, Publisher};
use crate::record::{EventRef, Handled, Outcome, Record};

/// After so many failures at a broker that took other records sent with it, a record is parked.
const ATTEMPTS: u32 = 10;

/// One change of an item, as the table's stream shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its place in the stream; what a partial answer names.
    pub sequence: String,
    /// The table whose stream it is.
    pub table: String,
    /// The item after the change; `None` for a deletion, an error for a shape that is unknown.
    pub image: Result<Option<Item>, String>,
    /// The record as it came, for parking.
    pub raw: Vec<u8>,
}

/// Publishes what outboxes hold, in order per item, and counts nothing as sent before the broker has acknowledged it.
pub struct Relay {
    name: &'static str,
    publisher: Publisher,
    /// How often an event has failed while others that were sent with it were acknowledged; by its id.
    attempts: Mutex<HashMap<String, u32>>,
}

/// One change with the messages that it becomes.
struct Parcel<'a> {
    change: &'a Change,
    events: Vec<Outgoing>,
    /// Why it can't be sent at all.
    damage: Option<String>,
}

impl Relay {
    /// A relay to the topics of `publisher`.
    #[must_use]
    pub fn named(name: &'static str, publisher: Publisher) -> Self {
        Relay { name, publisher, attempts: Mutex::new(HashMap::new()) }
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its role must allow.
    #[must_use]
    pub fn needs(&self) -> Needs {
        Needs::new().park().publish(&self.publisher)
    }

    /// Whether the broker takes it as it is set up; says what to mend where it never will.
    pub async fn check(&self) -> Result<(), String> {
        self.publisher.check().await
    }

    /// Publishes a batch. Answers each change's events and their fate, in the batch's order.
    pub async fn run(&self, changes: &[Change], invocation: &Invocation) -> Vec<Vec<Handled>> {
        let parcels: Vec<Parcel<'_>> = changes.iter().map(unpack).collect();
        let messages = parcels.iter().flat_map(|parcel| &parcel.events).map(Message::from).collect();
        let mut answers = self.publisher.publish(messages).await.into_iter();
        let answers: Vec<Vec<Result<(), PublishError>>> =
            parcels.iter().map(|parcel| answers.by_ref().take(parcel.events.len()).collect()).collect();
        let any_taken = answers.iter().flatten().any(Result::is_ok);
        let mut handled = Vec::with_capacity(changes.len());
        for (parcel, answers) in parcels.iter().zip(answers) {
            handled.push(self.settle(parcel, answers, any_taken, invocation).await);
        }
        handled
    }

    /// What became of one change: parks what is damaged or refused for good.
    async fn settle(
        &self,
        parcel: &Parcel<'_>,
        answers: Vec<Result<(), PublishError>>,
        any_taken: bool,
        invocation: &Invocation,
    ) -> Vec<Handled> {
        let change = parcel.change;
        if let Some(damage) = &parcel.damage {
            let letters = DeadLetters::new(self.name, invocation);
            let outcome = letters.outcome(&raw_record(change), None, damage).await;
            return vec![Handled { event: None, outcome }];
        }
        let mut handled = Vec::with_capacity(answers.len());
        for (event, answer) in parcel.events.iter().zip(answers) {
            let reference = EventRef::from(&event.envelope);
            let outcome = match answer {
                Ok(()) => Outcome::Done,
                Err(why) => match self.last_attempt(&why, &reference.id, any_taken) {
                    Some(attempts) => {
                        let letters = DeadLetters::new(self.name, invocation).after(attempts);
                        letters.outcome(&event_record(change, event), Some(&reference), &why.to_string()).await
                    }
                    None => Outcome::Failed(why.to_string()),
                },
            };
            if !matches!(outcome, Outcome::Failed(_)) {
                self.attempts().remove(&reference.id);
            }
            handled.push(Handled { event: Some(reference), outcome });
        }
        handled
    }

    /// The number of this attempt if it is the last. It counts only if the broker took something else at the same time: an
    /// outage is waited out.
    fn last_attempt(&self, why: &PublishError, event: &str, any_taken: bool) -> Option<u32> {
        let mut attempts = self.attempts();
        let attempt = attempts.get(event).copied().unwrap_or(0) + 1;
        match why {
            PublishError::Refused(_) => Some(attempt),
            PublishError::Failed(_) if any_taken => {
                attempts.insert(event.to_owned(), attempt);
                (attempt >= ATTEMPTS).then_some(attempt)
            }
            PublishError::Failed(_) | PublishError::Unavailable(_) => None,
        }
    }

    fn attempts(&self) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("name", &self.name).finish_non_exhaustive()
    }
}

fn unpack(change: &Change) -> Parcel<'_> {
    let (events, damage) = match &change.image {
        Err(why) => (Vec::new(), Some(why.clone())),
        Ok(None) => (Vec::new(), None),
        Ok(Some(item)) => match outgoing(item) {
            Ok(events) => (events, None),
            Err(why) => (Vec::new(), Some(why.to_string())),
        },
    };
    Parcel { change, events, damage }
}

fn raw_record(change: &Change) -> Record {
    Record {
        topic: format!("{}/stream", change.table),
        // Sequence numbers have up to 40 digits; the last ones tell neighbours apart, and the bytes' hash does the rest.
        offset: change
            .sequence
            .get(change.sequence.len().saturating_sub(18)..)
            .and_then(|n| n.parse().ok())
            .unwrap_or(0),
        value: Some(change.raw.clone()),
        ..Record::default()
    }
}

fn event_record(change: &Change, event: &Outgoing) -> Record {
    let Message { topic, key, value } = event.into();
    Record { topic, key: Some(key.into_bytes()), value: Some(value), ..raw_record(change) }
}

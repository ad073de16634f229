//! Webhooks: whenever these events happen, call an outside system.

mod answer;
mod delivery;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::batch::group;
use crate::listen::Handlers;
use crate::ports::Outside;
use crate::record::{Handled, Outcome, Record};
use crate::{Event, Invocation, Needs, Received, Refusal};
use delivery::Delivery;
use futures_util::{StreamExt, stream};

/// How many calls are under way at a time; each is of another key.
const IN_FLIGHT: usize = 16;

/// How long an outside system may take to answer where nobody says otherwise.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// Whenever these events happen, posts a message to an outside system: at least once, always with the event's id as its
/// `Idempotency-Key`, and one after another where they share a record key.
///
/// A marker `(webhook, event id)` is written once a message was taken, so that an event that comes again is not sent again; only a
/// crash between the two repeats a call. What an outage, a time-out, 408, 425, 429, 5xx or the answer `false` stops comes again; any
/// other status than 2xx, a redirect too, parks the event.
pub struct Webhook {
    name: &'static str,
    table: &'static str,
    outside: Arc<dyn Outside>,
    answered_within: Duration,
    sequenced: bool,
    handlers: Handlers<Content>,
}

/// What is to be said about an event, in JSON: nothing, or a message, or why there can be none.
type Content = Result<Option<Vec<u8>>, String>;

/// What ties records together: the key that they were published under, and the event that they carry.
#[derive(PartialEq, Eq, Hash)]
enum Tie<'a> {
    Lane(&'a [u8]),
    Event(&'a str),
}

impl Webhook {
    /// A webhook that listens to nothing yet and keeps its markers in `table`, which is its own. Its name is the function's; parked
    /// records are found by it.
    #[must_use]
    pub fn named(name: &'static str, table: &'static str, outside: Arc<dyn Outside>) -> Self {
        Webhook { name, table, outside, answered_within: ANSWERED_WITHIN, sequenced: false, handlers: Handlers::new() }
    }

    /// Gives the outside system this long for an answer, connection included, in place of 5 s.
    #[must_use]
    pub fn answered_within(self, time: Duration) -> Self {
        Webhook { answered_within: time, ..self }
    }

    /// From now on events of a key wait behind one that was parked, as [`crate::Policy::sequenced`] says: the outside system never hears
    /// of an event before it has heard of those before it.
    #[must_use]
    pub fn sequenced(self) -> Self {
        Webhook { sequenced: true, ..self }
    }

    /// Whenever an `E` happens, sends the message that `tell` makes of it, in JSON. `None`: there is nothing to tell. What it refuses
    /// is parked.
    #[must_use]
    pub fn whenever<E: Event, M: Serialize>(
        mut self,
        tell: impl Fn(&Received<E>) -> Result<Option<M>, Refusal> + Send + Sync + 'static,
    ) -> Self {
        self.handlers.add(move |event, _| {
            let message = tell(event).map_err(|refusal| refusal.to_string())?;
            message.map(|message| serde_json::to_vec(&message).map_err(|e| e.to_string())).transpose()
        });
        self
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its role must allow.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let needs = Needs::new().park().mark(self.table);
        if self.sequenced { needs.know_what_waits() } else { needs }
    }

    /// Delivers a batch. Answers each record's fate, in the batch's order.
    pub async fn run(&self, records: &[Record], invocation: &Invocation) -> Vec<Handled> {
        let decoded: Vec<_> = records.iter().map(|record| self.handlers.decode(self.name, record)).collect();
        let ties: Vec<Vec<Tie<'_>>> = records
            .iter()
            .zip(&decoded)
            .map(|(record, (event, _))| {
                let lane = record.key.as_deref().map(Tie::Lane);
                lane.into_iter().chain(event.as_ref().map(|event| Tie::Event(&event.id))).collect()
            })
            .collect();
        let delivery = match Delivery::new(self, records, &decoded, invocation).await {
            Ok(delivery) => delivery,
            Err(e) => {
                let outcome = Outcome::Failed(format!("what waits is not known: {e}"));
                return decoded.into_iter().map(|(event, _)| Handled { event, outcome: outcome.clone() }).collect();
            }
        };
        let delivery = &delivery;
        let mut outcomes: Vec<(usize, Outcome)> = stream::iter(group(&ties))
            .map(|members| delivery.one_by_one(members))
            .buffer_unordered(IN_FLIGHT)
            .concat()
            .await;
        outcomes.sort_unstable_by_key(|(at, _)| *at);
        let events = decoded.iter().map(|(event, _)| event.clone());
        events.zip(outcomes).map(|(event, (_, outcome))| Handled { event, outcome }).collect()
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Webhook");
        shown.field("name", &self.name).field("whenever", &self.handlers.types()).finish_non_exhaustive()
    }
}

//! One batch under way to an outside system.

use std::collections::HashSet;

use super::answer::Fate;
use super::{Content, Webhook};
use crate::commit::{CommitError, Committer};
use crate::dead_letter::DeadLetters;
use crate::listen::Decoded;
use crate::marker;
use crate::ports::outside::Request;
use crate::ports::store::{Condition, ItemKey, Put};
use crate::record::{EventRef, Outcome, Record};
use crate::{Invocation, Timestamp};

/// The longest id that is sent as a header.
const LONGEST_ID: usize = 255;

/// A batch with what is known about it.
pub(super) struct Delivery<'a> {
    webhook: &'a Webhook,
    records: &'a [Record],
    decoded: &'a [(Option<EventRef>, Decoded<Content>)],
    committer: Committer,
    letters: DeadLetters<'a>,
    /// Events that have a marker, or why that is not known.
    before: Result<HashSet<&'a str>, CommitError>,
    /// No call starts later: it could not be given its time.
    last_start: Timestamp,
}

impl<'a> Delivery<'a> {
    /// Asks for the markers of the whole batch at once, and for what waits where the webhook is sequenced.
    pub(super) async fn new(
        webhook: &'a Webhook,
        records: &'a [Record],
        decoded: &'a [(Option<EventRef>, Decoded<Content>)],
        invocation: &Invocation,
    ) -> Result<Self, CommitError> {
        let mut letters = DeadLetters::new(webhook.name, invocation);
        if webhook.sequenced {
            letters = letters.sequenced().await?;
        }
        let committer = Committer::of(invocation);
        let ids: HashSet<&str> = decoded
            .iter()
            .filter(|(_, decoded)| matches!(decoded, Decoded::Known(Ok(Some(_)))))
            .filter_map(|(event, _)| event.as_ref().map(|event| event.id.as_str()))
            .filter(|id| is_header(id))
            .collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let keys: Vec<ItemKey> =
            ids.iter().map(|id| ItemKey { table: webhook.table, pk: marker::pk(webhook.name, id) }).collect();
        let found = committer.load_items(&keys).await;
        let before = found.map(|items| ids.into_iter().zip(items).filter_map(|(id, item)| item.map(|_| id)).collect());
        let now = committer.platform.clock.now();
        // Where even one call's time is longer than the invocation's, the first ones are tried all the same.
        let last_start = now.plus(invocation.until.since(now).saturating_sub(webhook.answered_within));
        Ok(Delivery { webhook, records, decoded, committer, letters, before, last_start })
    }

    /// Delivers these of the batch's events in their order. One that fails holds up the later ones.
    pub(super) async fn one_by_one(&self, members: Vec<usize>) -> Vec<(usize, Outcome)> {
        let mut outcomes = Vec::with_capacity(members.len());
        let mut taken = HashSet::new();
        let mut held = false;
        let mut parked: HashSet<&Option<Vec<u8>>> = HashSet::new();
        for at in members {
            let record = &self.records[at];
            let (event, decoded) = &self.decoded[at];
            let outcome = match (decoded, event) {
                (Decoded::Ignored, _) => Outcome::Ignored,
                // Where order does not matter it need not come again with those that failed.
                (Decoded::Undecodable(why), _) if !self.webhook.sequenced => self.park(at, why).await,
                _ if held => Outcome::Failed("an earlier record of its key failed".to_owned()),
                (Decoded::Undecodable(why), _) => self.park(at, why).await,
                (Decoded::Known(_), _) if self.letters.holds_back(record) || parked.contains(&record.key) => {
                    self.letters.behind(record, event.as_ref()).await
                }
                (Decoded::Newer(why), _) => Outcome::Failed(why.clone()),
                (Decoded::Known(Err(why)), _) => self.park(at, why).await,
                (Decoded::Known(Ok(Some(message))), Some(event)) => {
                    self.deliver(at, &event.id, message, &mut taken).await
                }
                (Decoded::Known(Ok(_)), _) => Outcome::Done,
            };
            held |= matches!(outcome, Outcome::Failed(_));
            if self.webhook.sequenced && record.key.is_some() && matches!(outcome, Outcome::Parked(_)) {
                parked.insert(&record.key);
            }
            outcomes.push((at, outcome));
        }
        outcomes
    }

    async fn deliver(&self, at: usize, id: &'a str, message: &[u8], taken: &mut HashSet<&'a str>) -> Outcome {
        if !is_header(id) {
            return self.park(at, "its id cannot be sent as a header").await;
        }
        match &self.before {
            Ok(before) if before.contains(id) || taken.contains(id) => return Outcome::Done,
            Ok(_) => {}
            Err(why) => return Outcome::Failed(why.to_string()),
        }
        let now = self.committer.platform.clock.now();
        if now > self.last_start {
            return Outcome::Failed("the invocation's time was over".to_owned());
        }
        let request = Request { idempotency_key: id.to_owned(), body: message.to_vec() };
        let within = self.webhook.answered_within.min(self.committer.until.since(now));
        match Fate::by(self.webhook.outside.post(request, within).await) {
            Fate::Again(why) => Outcome::Failed(why),
            Fate::Never(why) => self.park(at, &why).await,
            Fate::Taken => match self.mark(id).await {
                Ok(()) => {
                    taken.insert(id);
                    Outcome::Done
                }
                Err(e) => Outcome::Failed(format!("it was taken, but that could not be written down: {e}")),
            },
        }
    }

    async fn mark(&self, id: &str) -> Result<(), CommitError> {
        let platform = &self.committer.platform;
        let item = marker::item(self.webhook.name, id, platform.clock.now());
        let put = Put { table: self.webhook.table, item, when: Condition::Any };
        self.committer.insist(async || platform.store.put(put.clone()).await).await
    }

    async fn park(&self, at: usize, why: &str) -> Outcome {
        self.letters.outcome(&self.records[at], self.decoded[at].0.as_ref(), why).await
    }
}

/// Whether an id can stand in a header.
fn is_header(id: &str) -> bool {
    id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic())
}

//! Parking: one conditional write, made before the batch is answered.

use super::letter::{self, Failure};
use super::sequence::{Held, Sequence};
use super::{TABLE, cut, original};
use crate::Timestamp;
use crate::commit::{CommitError, Committer};
use crate::invocation::Invocation;
use crate::item::{Item, PK, SK};
use crate::ports::store::{Condition, Put, WriteError};
use crate::record::{EventRef, Outcome, Record};

/// Parks records in the name of one policy.
pub(crate) struct DeadLetters<'a> {
    policy: &'a str,
    committer: Committer,
    attempts: u32,
    /// When the record failed first, where that was before now.
    since: Option<Timestamp>,
    /// When it failed last, where that was before now.
    until: Option<Timestamp>,
    /// Where letters of one key are kept in order.
    sequence: Option<Sequence>,
}

/// What was to be parked turned out to be free to go on.
const CAME_FREE: &str = "what it waited behind has been settled";

impl<'a> DeadLetters<'a> {
    pub(crate) fn new(policy: &'a str, invocation: &Invocation) -> Self {
        let committer = Committer::of(invocation);
        DeadLetters { policy, committer, attempts: 1, since: None, until: None, sequence: None }
    }

    /// The same for records that were tried so often.
    pub(crate) fn after(self, attempts: u32) -> Self {
        DeadLetters { attempts, ..self }
    }

    /// The same for records that failed first at this time.
    pub(crate) fn failing_since(self, since: Timestamp) -> Self {
        DeadLetters { since: Some(since), ..self }
    }

    /// The same for records that failed last at this time.
    pub(crate) fn failing_until(self, until: Timestamp) -> Self {
        DeadLetters { until: Some(until), ..self }
    }

    /// The same, with letters of one key in their order, for whoever may read it. Asks nothing of the store.
    pub(crate) fn in_order(self) -> Self {
        DeadLetters { sequence: Some(Sequence::default()), ..self }
    }

    /// The same for a policy that is sequenced: asks the store which keys have letters.
    pub(crate) async fn sequenced(self) -> Result<Self, CommitError> {
        let sequence = Sequence::load(self.policy, &self.committer).await?;
        Ok(DeadLetters { sequence: Some(sequence), ..self })
    }

    /// Whether letters of one key are kept in order.
    pub(crate) fn is_sequenced(&self) -> bool {
        self.sequence.is_some()
    }

    /// Whether the record has to wait behind a letter of its key. The oldest letter itself does not: it comes again to be redone.
    pub(crate) fn holds_back(&self, record: &Record) -> bool {
        self.held(record).is_some_and(|held| held.head != letter::sk(record))
    }

    /// Writes the record down, trying again while there is time. One that is parked again counts as one more attempt.
    pub(crate) async fn park(
        &self,
        record: &Record,
        event: Option<&EventRef>,
        reason: &str,
    ) -> Result<(), CommitError> {
        let now = self.committer.platform.clock.now();
        let last = self.until.unwrap_or(now).min(now);
        let first = self.since.unwrap_or(last).min(last);
        self.keep(record, event, &Failure { reason, attempts: Some(self.attempts), first, last, now }).await
    }

    /// Parks the record and says what became of it: it fails where it could not be parked.
    pub(crate) async fn outcome(&self, record: &Record, event: Option<&EventRef>, reason: &str) -> Outcome {
        match self.park(record, event, reason).await {
            Ok(()) => Outcome::Parked(reason.to_owned()),
            Err(e) => Outcome::Failed(format!("it could not be parked: {e}")),
        }
    }

    /// Parks a record that was not attempted, because its key has a letter; says what became of it.
    pub(crate) async fn behind(&self, record: &Record, event: Option<&EventRef>) -> Outcome {
        let Some(held) = self.held(record) else { return Outcome::Failed(CAME_FREE.to_owned()) };
        let now = self.committer.platform.clock.now();
        let reason = format!("waits behind {} of its key", held.place());
        match self.keep(record, event, &Failure { reason: &reason, attempts: None, first: now, last: now, now }).await {
            Ok(()) => Outcome::Parked(reason),
            Err(e) => Outcome::Failed(format!("it could not be parked: {e}")),
        }
    }

    fn held(&self, record: &Record) -> Option<Held> {
        self.sequence.as_ref()?.held(record.key.as_deref()?)
    }

    async fn keep(&self, record: &Record, event: Option<&EventRef>, why: &Failure<'_>) -> Result<(), CommitError> {
        let mut attempt = 0;
        loop {
            let error = match self.write(record, event, why).await {
                Ok(()) => return Ok(()),
                // Somebody else changed the letter, or its key's item, of which the next attempt knows.
                Err(WriteError::Conflict | WriteError::Condition(_)) => CommitError::Stale { met: false },
                Err(WriteError::Failed(e)) => e.into(),
            };
            if why.attempts.is_none() && self.held(record).is_none() {
                return Err(CommitError::Retryable(CAME_FREE.to_owned()));
            }
            attempt += 1;
            if matches!(error, CommitError::Terminal(_)) || !self.committer.wait(attempt).await {
                return Err(error);
            }
        }
    }

    async fn write(&self, record: &Record, event: Option<&EventRef>, why: &Failure<'_>) -> Result<(), WriteError> {
        let store = &self.committer.platform.store;
        let mut item = letter::describe(self.policy, record, event, why);
        let sk = letter::sk(record);
        item.insert(PK.to_owned(), cut(self.policy).into());
        item.insert(SK.to_owned(), sk.as_str().into());
        match original::split(original::write(record)) {
            Ok(original) => item.extend(original),
            Err((shown, parts)) => {
                item.extend(shown);
                item.insert("parts".to_owned(), parts.len().into());
                let parts = parts.into_iter().zip(0..).map(|(part, n)| letter::part(self.policy, &sk, n, part));
                store.put_all(TABLE, parts.collect()).await.map_err(WriteError::Failed)?;
            }
        }
        match self.sequence.as_ref().zip(record.key.as_deref()) {
            None => match store.put(Put { table: TABLE, item, when: Condition::Absent }).await {
                Err(WriteError::Condition(found)) => self.once_more(item_of(found, 0), why).await,
                written => written,
            },
            Some((sequence, key)) => self.write_in_order(sequence, key, item, sk, why).await,
        }
    }

    /// The letter and its key's item in one transaction.
    async fn write_in_order(
        &self,
        sequence: &Sequence,
        key: &[u8],
        mut item: Item,
        sk: String,
        why: &Failure<'_>,
    ) -> Result<(), WriteError> {
        let before = sequence.held(key);
        // The time: a number that the key's item had before it was gone must not hold for one that is made anew.
        let first = || Held { head: sk, version: u64::try_from(why.now.millis()).unwrap_or(0) };
        let held = before.as_ref().map_or_else(first, Held::and_one);
        item.insert(letter::PLACE.to_owned(), held.version.into());
        let letter = Put { table: TABLE, item, when: Condition::Absent };
        let writes = vec![letter, held.put(self.policy, key, before.as_ref())];
        match self.committer.platform.store.transact(writes).await {
            Ok(()) => {
                sequence.learn(key, Some(held));
                Ok(())
            }
            Err(WriteError::Condition(found)) => {
                if let Some(Some(now)) = found.get(1) {
                    sequence.learn(key, now.as_ref().and_then(Held::read));
                }
                match item_of(found, 0) {
                    Some(letter) => self.once_more(Some(letter), why).await,
                    None => Err(WriteError::Conflict),
                }
            }
            Err(e) => Err(e),
        }
    }

    /// A record that is parked already has failed once more.
    async fn once_more(&self, letter: Option<Item>, why: &Failure<'_>) -> Result<(), WriteError> {
        let Some(letter) = letter else { return Err(WriteError::Conflict) };
        // What somebody else wrote in its place stays as it is.
        let Some((item, version)) = letter::again(letter, why) else { return Ok(()) };
        let put = Put { table: TABLE, item, when: Condition::Version(version) };
        self.committer.platform.store.put(put).await
    }
}

/// What a failed write says there is in the place of its put number `at`.
fn item_of(mut found: Vec<Option<Option<Item>>>, at: usize) -> Option<Item> {
    if at < found.len() { found.swap_remove(at).flatten() } else { None }
}

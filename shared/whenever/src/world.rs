//! The world that a command sees: the aggregates it touches, as they stand while a batch is folded.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::command::{AggregateKey, Codec, Command, State, Touch};
use crate::item::{Corrupt, Item};
use crate::outbox::{Cause, OutboxEntry};
use crate::ports::store::{Condition, Put};
use crate::{Aggregate, Decision, Refusal, Timestamp};

const TICK: Duration = Duration::from_millis(1);

/// The touched aggregates with the changes made to them so far; nothing is written until the commit.
#[derive(Debug)]
pub struct World {
    now: Timestamp,
    cause: Cause,
    /// What the tables hold, as far as they have said so.
    slots: BTreeMap<AggregateKey, Slot>,
    /// What the next commit writes, in one order for all writers: transactions that meet see each other at the same item.
    kept: BTreeMap<AggregateKey, Slot>,
    /// What the command under way has changed; dropped if it is refused.
    staged: BTreeMap<AggregateKey, Slot>,
}

/// One aggregate between its load and its commit.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) codec: Codec,
    /// The version in the table; `None` where there is no item.
    pub(crate) version: Option<u64>,
    pub(crate) last_event_at: Option<Timestamp>,
    pub(crate) state: Option<State>,
    pub(crate) outbox: Vec<OutboxEntry>,
    /// The id of what caused the last write.
    pub(crate) written_for: Option<String>,
}

/// What a command would make of the next commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Staged {
    /// It changes nothing.
    pub(crate) unchanged: bool,
    /// How many aggregates the commit would write.
    pub(crate) items: usize,
}

impl Slot {
    pub(crate) fn absent(codec: Codec) -> Self {
        Slot { codec, version: None, last_event_at: None, state: None, outbox: Vec::new(), written_for: None }
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let cause = Cause { id: String::new(), time: Timestamp::default(), correlation: None, traceparent: None };
        World {
            now: Timestamp::default(),
            cause,
            slots: BTreeMap::new(),
            kept: BTreeMap::new(),
            staged: BTreeMap::new(),
        }
    }

    /// The instant of this execution.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// `A` number `id` as it stands now; `None` where there is none, or where the command did not say that it touches it.
    #[must_use]
    pub fn get<A: Aggregate>(&self, id: &str) -> Option<&A> {
        let key = AggregateKey::of::<A>(id);
        self.slot(&key)?.state.as_ref()?.downcast_ref::<A>()
    }

    /// Asks `command` of `A` number `id`: runs its transition function and keeps state and events for the commit.
    ///
    /// # Errors
    ///
    /// What the transition refuses; [`Refusal::Broken`] where the command does not touch that aggregate.
    pub fn apply<A: Aggregate>(&mut self, id: &str, command: A::Command) -> Result<(), Refusal> {
        let key = AggregateKey::of::<A>(id);
        let slot = self
            .slot(&key)
            .ok_or_else(|| Refusal::Broken(format!("a command changes {} without touching it", key.pk())))?;
        let state = slot.state.as_ref().and_then(|state| state.downcast_ref::<A>());
        let Decision::Changed { state, events } = A::transition(state, command, self.now)? else {
            return Ok(());
        };
        let mut slot = slot.clone();
        slot.state = Some(std::sync::Arc::new(state));
        slot.written_for = Some(self.cause.id.clone());
        for emission in events {
            let time = slot
                .last_event_at
                .map_or(self.now, |last| self.now.max(last.plus(TICK)))
                .max(self.cause.time.plus(TICK));
            slot.last_event_at = Some(time);
            slot.outbox.push(OutboxEntry::new(emission, &key.id, &self.cause, time));
        }
        self.staged.insert(key, slot);
        Ok(())
    }

    /// Runs a command inside of another; a refusal undoes what it applied, and the outer command goes on.
    ///
    /// # Errors
    ///
    /// What `command` refuses.
    pub fn attempt(&mut self, command: &dyn Command) -> Result<(), Refusal> {
        let before = self.staged.clone();
        let outcome = command.execute(self);
        if outcome.is_err() {
            self.staged = before;
        }
        outcome
    }

    /// Runs a whole command; all that it changes is staged, and nothing if it is refused.
    pub(crate) fn stage(&mut self, command: &dyn Command, cause: &Cause, now: Timestamp) -> Result<Staged, Refusal> {
        self.now = now;
        self.cause = cause.clone();
        self.staged.clear();
        if let Err(refusal) = command.execute(self) {
            self.staged.clear();
            return Err(refusal);
        }
        let fresh = self.staged.keys().filter(|key| !self.kept.contains_key(key)).count();
        Ok(Staged { unchanged: self.staged.is_empty(), items: self.kept.len() + fresh })
    }

    /// Keeps what is staged for the next commit.
    pub(crate) fn keep(&mut self) {
        self.kept.append(&mut self.staged);
    }

    /// Drops all that is not written.
    pub(crate) fn undo(&mut self) {
        self.staged.clear();
        self.kept.clear();
    }

    /// Makes room for the aggregates of `touches`; those that are new here are taken for absent.
    pub(crate) fn admit(&mut self, touches: &[Touch]) {
        for touch in touches {
            self.slots.entry(touch.key.clone()).or_insert_with(|| Slot::absent(touch.codec));
        }
    }

    /// Takes over what the table holds for `key`; whether that is another version than the one it knew.
    pub(crate) fn fill(&mut self, key: &AggregateKey, item: Option<Item>) -> Result<bool, Corrupt> {
        self.kept.remove(key);
        let Some(slot) = self.slots.get_mut(key) else { return Ok(false) };
        let known = slot.version;
        slot.fill(key, item)?;
        Ok(slot.version != known)
    }

    /// Whether the table is known to hold `key`.
    pub(crate) fn is_there(&self, key: &AggregateKey) -> bool {
        self.slots.get(key).is_some_and(|slot| slot.version.is_some())
    }

    /// Whether one of the aggregates was written for `cause` last.
    pub(crate) fn holds_write_of(&self, cause: &Cause) -> bool {
        self.slots.values().any(|slot| slot.written_for.as_deref() == Some(cause.id.as_str()))
    }

    /// Takes `state` for what the table holds.
    pub(crate) fn assume<A: Aggregate>(&mut self, key: &AggregateKey, state: A) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.version = Some(1);
            slot.state = Some(std::sync::Arc::new(state));
        }
    }

    /// The aggregates that a commit would write.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &AggregateKey> {
        self.kept.keys()
    }

    /// The writes that make the tables hold what is kept.
    pub(crate) fn puts(&self) -> Result<Vec<Put>, Corrupt> {
        let put = |(key, slot): (&AggregateKey, &Slot)| {
            let when = slot.version.map_or(Condition::Absent, Condition::Version);
            Ok(Put { table: key.table, item: slot.item(key)?, when })
        };
        self.kept.iter().map(put).collect()
    }

    /// All that was kept is written.
    pub(crate) fn settle(&mut self) {
        for (key, mut slot) in std::mem::take(&mut self.kept) {
            slot.version = Some(slot.version.unwrap_or(0) + 1);
            slot.outbox.clear();
            self.slots.insert(key, slot);
        }
    }

    fn slot(&self, key: &AggregateKey) -> Option<&Slot> {
        self.staged.get(key).or_else(|| self.kept.get(key)).or_else(|| self.slots.get(key))
    }
}

//! Folding a group's events over its aggregates, in as few commits as a transaction's limit allows.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::command::{AggregateKey, Touch};
use crate::commit::{CommitError, Committer};
use crate::item::Item;
use crate::outbox::Cause;
use crate::ports::store::TRANSACTION_ITEMS;
use crate::{Command, World};

/// The most events folded into one commit. Their outboxes share one item where they hit the same aggregate, and DynamoDB
/// takes 400 KB an item (AWS limit).
const CHUNK_EVENTS: usize = 100;

/// An event on its way through the fold.
pub(crate) struct Task {
    /// Its place in the batch.
    pub(crate) at: usize,
    /// Later records of the same lane wait for it.
    pub(crate) lane: Option<Vec<u8>>,
    pub(crate) command: Box<dyn Command>,
    pub(crate) touches: Vec<Touch>,
    pub(crate) cause: Cause,
}

/// What the fold made of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done,
    /// It can never succeed.
    Park(String),
    /// It may succeed when it comes again.
    Fail(String),
}

/// One group under way.
pub(crate) struct Fold<'a> {
    committer: &'a Committer,
    base: World,
    queue: VecDeque<&'a Task>,
    /// Lanes with an event that failed.
    blocked: HashSet<&'a [u8]>,
    verdicts: Vec<(usize, Verdict)>,
    /// How many of the next events are committed one by one, to find the one that cannot be.
    singles: usize,
    /// Commits that have failed since the last one that succeeded.
    attempt: u32,
}

/// A world with the first events of the queue folded into it.
struct Chunk<'a> {
    folded: World,
    /// Its events, each with the reason why it was refused. A refusal may rest on what the events before it do, so it
    /// counts only once those are committed.
    taken: Vec<(&'a Task, Option<String>)>,
}

impl<'a> Fold<'a> {
    pub(crate) fn new(
        committer: &'a Committer,
        tasks: Vec<&'a Task>,
        loaded: &HashMap<AggregateKey, Option<Item>>,
    ) -> Self {
        let mut fold = Fold {
            committer,
            base: World::new(),
            queue: VecDeque::new(),
            blocked: HashSet::new(),
            verdicts: Vec::new(),
            singles: 0,
            attempt: 0,
        };
        for task in tasks {
            match fold.admit(task, loaded) {
                Ok(()) => fold.queue.push_back(task),
                Err(why) => fold.verdicts.push((task.at, Verdict::Park(why))),
            }
        }
        fold
    }

    fn admit(&mut self, task: &Task, loaded: &HashMap<AggregateKey, Option<Item>>) -> Result<(), String> {
        self.base.admit(&task.touches);
        for touch in &task.touches {
            if let Some(item) = loaded.get(&touch.key) {
                self.base.fill(&touch.key, item.clone()).map_err(|e| e.to_string())?;
            }
        }
        Ok(())
    }

    /// Folds and commits until every event has its verdict.
    pub(crate) async fn run(mut self) -> Vec<(usize, Verdict)> {
        while let Some(Chunk { folded, taken }) = self.next_chunk() {
            if self.committer.is_over() {
                self.fail(taken, "the invocation's time was over");
                continue;
            }
            match self.committer.commit(&mut self.base, folded).await {
                Ok(()) => {
                    self.attempt = 0;
                    self.singles = self.singles.saturating_sub(taken.len());
                    self.verdicts.extend(
                        taken
                            .into_iter()
                            .map(|(task, refused)| (task.at, refused.map_or(Verdict::Done, Verdict::Park))),
                    );
                }
                Err(CommitError::Stale) => self.again(taken, "it kept losing races for its items").await,
                Err(CommitError::Retryable(why)) => self.again(taken, &why).await,
                Err(CommitError::Terminal(why)) => self.narrow(taken, &why),
            }
        }
        self.verdicts
    }

    /// Folds as many events as one transaction carries. Events whose key is blocked get their verdict on the way.
    fn next_chunk(&mut self) -> Option<Chunk<'a>> {
        let mut chunk = Chunk { folded: self.base.clone(), taken: Vec::new() };
        let most = if self.singles > 0 { 1 } else { CHUNK_EVENTS };
        while chunk.taken.len() < most {
            let Some(task) = self.queue.front().copied() else { break };
            if task.lane.as_ref().is_some_and(|lane| self.blocked.contains(lane.as_slice())) {
                self.verdicts.push((task.at, Verdict::Fail("an earlier record of its key failed".to_owned())));
                self.queue.pop_front();
                continue;
            }
            let now = self.committer.platform.clock.now();
            match chunk.folded.stage(&*task.command, &task.cause, now) {
                Ok(items) if items > TRANSACTION_ITEMS && !chunk.taken.is_empty() => break,
                Ok(items) if items > TRANSACTION_ITEMS => {
                    let why = format!("it changes {items} items, a transaction carries {TRANSACTION_ITEMS}");
                    chunk.taken.push((task, Some(why)));
                }
                Ok(_) => {
                    chunk.folded.keep();
                    chunk.taken.push((task, None));
                }
                Err(refusal) => chunk.taken.push((task, Some(refusal.to_string()))),
            }
            self.queue.pop_front();
        }
        if chunk.taken.is_empty() { None } else { Some(chunk) }
    }

    /// Puts a chunk back to be folded anew, or fails it when the invocation's time is over.
    async fn again(&mut self, taken: Vec<(&'a Task, Option<String>)>, why: &str) {
        self.attempt += 1;
        // A lost race has brought the item that won it: the first repetition need not wait.
        if self.attempt == 1 || self.committer.wait(self.attempt - 1).await {
            self.put_back(taken);
        } else {
            self.fail(taken, why);
        }
    }

    /// A commit that can never succeed: its events are tried one by one, so that only the one to blame is parked.
    fn narrow(&mut self, taken: Vec<(&'a Task, Option<String>)>, why: &str) {
        if let [(task, _)] = taken[..] {
            self.singles = self.singles.saturating_sub(1);
            self.verdicts.push((task.at, Verdict::Park(why.to_owned())));
            return;
        }
        self.singles = taken.len();
        self.put_back(taken);
    }

    fn put_back(&mut self, taken: Vec<(&'a Task, Option<String>)>) {
        for (task, _) in taken.into_iter().rev() {
            self.queue.push_front(task);
        }
    }

    fn fail(&mut self, taken: Vec<(&'a Task, Option<String>)>, why: &str) {
        for (task, _) in taken {
            self.verdicts.push((task.at, Verdict::Fail(why.to_owned())));
            self.blocked.extend(task.lane.as_deref());
        }
    }
}

//! Folding a group's events over its aggregates, in as few commits as a transaction's limit allows.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::Loaded;
use crate::command::{Access, AggregateKey, Touch};
use crate::commit::{CommitError, Committer, rests_on_several};
use crate::item::Corrupt;
use crate::outbox::Cause;
use crate::ports::store::{ItemKey, TRANSACTION_ITEMS};
use crate::{Command, World};

/// The most events folded into one commit that change anything. Their outboxes share one item where they hit the same aggregate,
/// and DynamoDB takes 400 KB an item (AWS limit).
const CHUNK_EVENTS: usize = 100;

/// An event on its way through the fold.
pub(crate) struct Task {
    /// Its place in the batch.
    pub(crate) at: usize,
    /// Later records of the same lane wait for it.
    pub(crate) lane: Option<Vec<u8>>,
    /// They wait for it too where it is parked.
    pub(crate) sequenced: bool,
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
    /// An earlier one of its lane is parked, and it has to wait behind that.
    Behind,
    /// It may succeed when it comes again.
    Fail(String),
}

/// One group under way.
pub(crate) struct Fold<'a> {
    committer: &'a Committer,
    world: World,
    /// Items that cannot be read, and why.
    damaged: BTreeMap<&'a AggregateKey, Corrupt>,
    queue: VecDeque<&'a Task>,
    /// Lanes with an event that failed.
    blocked: HashSet<&'a [u8]>,
    /// Lanes with an event that is parked, and that later ones wait behind.
    parked: HashSet<&'a [u8]>,
    verdicts: Vec<(usize, Verdict)>,
    /// How many of the next events are committed one by one, to find the one that cannot be.
    singles: usize,
    /// Commits that have failed since the last one that succeeded.
    attempt: u32,
    /// Whether the items that events take for absent have been asked for.
    looked: bool,
}

/// The events of one commit, each with its verdict: done, or refused. A refusal may rest on what the events before it do, so it counts
/// only once those are committed.
type Chunk<'a> = Vec<(&'a Task, Verdict)>;

impl<'a> Fold<'a> {
    /// Takes what its tasks need out of `loaded`.
    pub(crate) fn new(committer: &'a Committer, tasks: Vec<&'a Task>, loaded: &mut Loaded) -> Self {
        let mut fold = Fold {
            committer,
            world: World::new(),
            damaged: BTreeMap::new(),
            queue: VecDeque::new(),
            blocked: HashSet::new(),
            parked: HashSet::new(),
            verdicts: Vec::new(),
            singles: 0,
            attempt: 0,
            looked: false,
        };
        for task in tasks {
            fold.world.admit(&task.touches);
            for Touch { key, .. } in &task.touches {
                let Some(read) = loaded.remove(key) else { continue };
                let filled = read.and_then(|item| fold.world.fill(key, item));
                fold.damaged.extend(filled.err().map(|corrupt| (key, corrupt)));
            }
            fold.queue.push_back(task);
        }
        fold
    }

    /// Folds and commits until every event has its verdict.
    pub(crate) async fn run(mut self) -> Vec<(usize, Verdict)> {
        while let Some(taken) = self.next_chunk() {
            if self.committer.is_over() {
                self.world.undo();
                self.fail(taken, "the invocation's time was over");
                continue;
            }
            // What refuses it may never have been there at one moment.
            let outdated = match lone_refusal(&taken) {
                Some(task) => self.committer.catch_up(&mut self.world, &task.touches).await,
                None => Ok(false),
            };
            let committed = match outdated {
                Ok(true) => {
                    self.put_back(taken);
                    continue;
                }
                Ok(false) => self.committer.commit(&mut self.world).await,
                Err(e) => Err(e),
            };
            match committed {
                Ok(()) => {
                    self.attempt = 0;
                    self.singles = self.singles.saturating_sub(taken.len());
                    taken.into_iter().for_each(|(task, verdict)| self.conclude(task, verdict));
                }
                Err(CommitError::Stale { met }) => {
                    if met {
                        self.look_ahead().await;
                    }
                    self.again(taken, "it kept losing races for its items").await;
                }
                Err(CommitError::Retryable(why)) => self.again(taken, &why).await,
                Err(CommitError::Terminal(why)) => self.narrow(taken, &why),
            }
        }
        self.verdicts
    }

    /// Folds as many events as one transaction carries. Events whose key is blocked get their verdict on the way.
    fn next_chunk(&mut self) -> Option<Chunk<'a>> {
        let mut taken: Chunk<'a> = Vec::new();
        let mut effects = 0;
        while taken.is_empty() || (self.singles == 0 && effects < CHUNK_EVENTS) {
            let Some(task) = self.queue.front().copied() else { break };
            if task.lane.as_ref().is_some_and(|lane| self.blocked.contains(lane.as_slice())) {
                self.verdicts.push((task.at, Verdict::Fail("an earlier record of its key failed".to_owned())));
                self.queue.pop_front();
                continue;
            }
            if self.waits_behind(task, &taken) {
                taken.push((task, Verdict::Behind));
                self.queue.pop_front();
                continue;
            }
            // It must not look like an item that is not there.
            if let Some(corrupt) = task.touches.iter().find_map(|touch| self.damaged.get(&touch.key)) {
                taken.push((task, Verdict::Park(corrupt.to_string())));
                self.queue.pop_front();
                continue;
            }
            let now = self.committer.platform.clock.now();
            match self.world.stage(&*task.command, &task.cause, now) {
                Ok(staged) if staged.items > TRANSACTION_ITEMS && !taken.is_empty() => break,
                Ok(staged) if staged.items > TRANSACTION_ITEMS => {
                    let why = format!("it changes {} items, a transaction carries {TRANSACTION_ITEMS}", staged.items);
                    taken.push((task, Verdict::Park(why)));
                }
                Ok(staged) => {
                    effects += usize::from(!staged.unchanged);
                    self.world.keep();
                    taken.push((task, Verdict::Done));
                }
                // It is looked at again alone, once what comes before it is written.
                Err(_) if rests_on_several(&task.touches) && !taken.is_empty() => break,
                Err(refusal) => taken.push((task, Verdict::Park(refusal.to_string()))),
            }
            self.queue.pop_front();
            if lone_refusal(&taken).is_some() {
                break;
            }
        }
        if taken.is_empty() { None } else { Some(taken) }
    }

    /// Whether an earlier event of its lane is parked, or will be with this chunk.
    fn waits_behind(&self, task: &Task, taken: &Chunk<'a>) -> bool {
        let Some(lane) = task.lane.as_deref().filter(|_| task.sequenced) else { return false };
        let refused =
            |(earlier, verdict): &(&Task, Verdict)| *verdict != Verdict::Done && earlier.lane.as_deref() == Some(lane);
        self.parked.contains(lane) || taken.iter().any(refused)
    }

    fn conclude(&mut self, task: &'a Task, verdict: Verdict) {
        if task.sequenced && matches!(verdict, Verdict::Park(_)) {
            self.parked.extend(task.lane.as_deref());
        }
        self.verdicts.push((task.at, verdict));
    }

    /// An item that was taken for absent is there, so others may be: all of them are read at once, instead of each being met by a
    /// transaction that fails. A batch that comes again after a crash costs one such transaction.
    async fn look_ahead(&mut self) {
        if std::mem::replace(&mut self.looked, true) {
            return;
        }
        let touches = self.queue.iter().copied().flat_map(|task| &task.touches);
        let supposed = touches.filter(|touch| touch.access == Access::New && !self.world.is_there(&touch.key));
        let keys: Vec<&AggregateKey> = supposed.map(|touch| &touch.key).collect();
        if keys.is_empty() {
            return;
        }
        let items: Vec<ItemKey> = keys.iter().map(|key| key.item()).collect();
        // What cannot be read now, conditions will bring.
        let found = self.committer.platform.store.load(&items).await.unwrap_or_default();
        for (key, item) in keys.into_iter().zip(found).filter(|(_, item)| item.is_some()) {
            let _ = self.world.fill(key, item);
        }
    }

    /// Puts a chunk back to be folded anew, or fails it when the invocation's time is over.
    async fn again(&mut self, taken: Chunk<'a>, why: &str) {
        self.attempt += 1;
        // A lost race has brought the item that won it: the first repetition need not wait.
        if self.attempt == 1 || self.committer.wait(self.attempt - 1).await {
            self.put_back(taken);
        } else {
            self.fail(taken, why);
        }
    }

    /// A commit that can never succeed: its events are tried one by one, so that only the one to blame is parked.
    fn narrow(&mut self, taken: Chunk<'a>, why: &str) {
        if let [(task, _)] = taken[..] {
            self.singles = self.singles.saturating_sub(1);
            self.conclude(task, Verdict::Park(why.to_owned()));
            return;
        }
        self.singles = taken.len();
        self.put_back(taken);
    }

    fn put_back(&mut self, taken: Chunk<'a>) {
        for (task, _) in taken.into_iter().rev() {
            self.queue.push_front(task);
        }
    }

    fn fail(&mut self, taken: Chunk<'a>, why: &str) {
        for (task, _) in taken {
            self.verdicts.push((task.at, Verdict::Fail(why.to_owned())));
            self.blocked.extend(task.lane.as_deref());
        }
    }
}

/// The refused event that a chunk consists of, where it rests on several aggregates.
fn lone_refusal<'a>(taken: &Chunk<'a>) -> Option<&'a Task> {
    match taken[..] {
        [(task, Verdict::Park(_))] if rests_on_several(&task.touches) => Some(task),
        _ => None,
    }
}

//! The poller of one trigger: turns what is read into batches, invokes the function, and moves the positions.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::answer::{self, Identifiers};
use super::event::Origin;
use super::lane::{Lane, Outcome, Part, Retry, Room};
use super::positions::Positions;
use super::pressure::Pressure;
use super::progress::Progress;
use super::record::{Arrival, Feed, LaneId, SourceId};
use super::target::Target;
use super::undertaker::Undertaker;
use crate::function::Source;

/// What fits into an invocation's payload, less what is around the records.
const PAYLOAD: usize = 6 * 1024 * 1024 - 16 * 1024;

/// What a poller needs to know.
pub(super) struct Setup<T> {
    pub(super) function: String,
    pub(super) functions: T,
    pub(super) origin: Origin,
    /// `BatchSize`.
    pub(super) batch_size: usize,
    /// `MaximumBatchingWindowInSeconds`.
    pub(super) window: Duration,
    /// The function's answers name what failed.
    pub(super) partial_answers: bool,
    pub(super) retry: Retry,
    /// The most invocations at a time.
    pub(super) concurrency: usize,
    /// Where positions are committed; a stream's are not.
    pub(super) positions: Option<Positions>,
    /// No invocation starts while groups are behind by too much.
    pub(super) hold: Option<Pressure>,
    /// Where this trigger says how far it is behind.
    pub(super) pressure: Option<Pressure>,
    pub(super) undertaker: Undertaker,
}

/// The poller of one trigger.
pub(super) struct Poller<T> {
    setup: Arc<Setup<T>>,
    feed: mpsc::UnboundedReceiver<Feed>,
    progress: Progress,
    lanes: BTreeMap<LaneId, Lane>,
    /// Per partition or shard, the position after the last record that was read.
    read: BTreeMap<SourceId, i64>,
    jobs: JoinSet<Vec<(Part, Outcome)>>,
    /// Lanes that went to another member while an invocation worked on them.
    orphaned: BTreeSet<LaneId>,
    /// The lane that was served last, so that all get their turn.
    last: Option<LaneId>,
    /// It counts as behind by too much.
    behind: bool,
}

/// What a poller waited for.
enum Next {
    Feed(Option<Feed>),
    Finished(Vec<(Part, Outcome)>),
    Due,
}

impl<T: Target> Poller<T> {
    pub(super) fn new(setup: Setup<T>, feed: mpsc::UnboundedReceiver<Feed>, progress: Progress) -> Self {
        Self {
            setup: Arc::new(setup),
            feed,
            progress,
            lanes: BTreeMap::new(),
            read: BTreeMap::new(),
            jobs: JoinSet::new(),
            orphaned: BTreeSet::new(),
            last: None,
            behind: false,
        }
    }

    /// Works until its reader ends.
    pub(super) async fn run(mut self) {
        loop {
            let now = Instant::now();
            while self.jobs.len() < self.setup.concurrency
                && let Some(batch) = self.next_batch(now)
            {
                self.last = batch.last().map(|part| part.lane);
                self.jobs.spawn(work(Arc::clone(&self.setup), batch));
            }
            let running = self.jobs.len();
            self.progress.set_running(running);
            match self.next(now).await {
                Next::Feed(Some(feed)) => self.take(feed),
                Next::Feed(None) => return,
                Next::Finished(parts) => self.finish(parts),
                Next::Due => {}
            }
        }
    }

    /// Waits for the next thing to do.
    async fn next(&mut self, now: Instant) -> Next {
        let due = if self.jobs.len() < self.setup.concurrency { self.next_due(now) } else { None };
        tokio::select! {
            biased;
            Some(done) = self.jobs.join_next() => match done {
                Ok(parts) => Next::Finished(parts),
                // A job neither panics nor is aborted while its poller runs.
                Err(_) => Next::Due,
            },
            feed = self.feed.recv() => Next::Feed(feed),
            () = sleep_until(due) => Next::Due,
        }
    }

    /// When a lane that cannot be worked on now can be.
    fn next_due(&self, now: Instant) -> Option<Instant> {
        let setup = &self.setup;
        let lanes = || self.lanes.iter().filter(|(id, _)| !self.orphaned.contains(id)).map(|(_, lane)| lane);
        let retries = lanes().filter_map(Lane::retry_due);
        let windows = lanes().filter_map(|lane| lane.fresh(setup.retry.order)).map(|(_, since)| since + setup.window);
        retries.chain(windows).filter(|due| *due > now).min()
    }

    fn take(&mut self, feed: Feed) {
        match feed {
            Feed::Assigned(sources) => {
                self.read.extend(sources.iter().copied());
                self.progress.update(|state| {
                    state.read.extend(sources.iter().copied());
                    state.done.extend(sources);
                });
            }
            Feed::Revoked(sources) => {
                for source in sources {
                    self.orphan(source);
                }
            }
            Feed::Arrived(arrivals) => self.arrive(arrivals),
        }
    }

    fn arrive(&mut self, arrivals: Vec<Arrival>) {
        let now = Instant::now();
        let mut sources = BTreeSet::new();
        for Arrival { lane, position, record } in arrivals {
            // What was read just before its partition went to another member is that one's to do.
            let Some(read) = self.read.get_mut(&lane.source) else { continue };
            *read = position + 1;
            sources.insert(lane.source);
            if let Some(record) = record {
                self.lanes.entry(lane).or_insert_with(|| Lane::new(lane)).push(record, now);
            }
        }
        self.moved(&sources);
    }

    fn finish(&mut self, parts: Vec<(Part, Outcome)>) {
        let now = Instant::now();
        let mut sources = BTreeSet::new();
        for (part, outcome) in parts {
            let id = part.lane;
            if self.orphaned.remove(&id) {
                continue;
            }
            if let Some(lane) = self.lanes.get_mut(&id) {
                lane.finish(part, &outcome, &self.setup.retry, now);
                sources.insert(id.source);
            }
        }
        self.moved(&sources);
    }

    /// Publishes and commits the positions of these sources.
    fn moved(&mut self, sources: &BTreeSet<SourceId>) {
        let positions: Vec<_> = sources.iter().filter_map(|source| Some((*source, self.position(*source)?))).collect();
        if let Some(committed) = &self.setup.positions {
            committed.advance(&positions);
        }
        let (unfinished, bytes) = self.left();
        if let Some(pressure) = &self.setup.pressure {
            self.behind = pressure.measure(&self.setup.function, self.behind, bytes);
        }
        self.progress.update(|state| {
            (state.unfinished, state.bytes) = (unfinished, bytes);
            state.done.extend(positions);
            state.read.extend(sources.iter().filter_map(|source| Some((*source, *self.read.get(source)?))));
        });
    }

    /// Below this everything of the source is done.
    fn position(&self, source: SourceId) -> Option<i64> {
        let read = *self.read.get(&source)?;
        let lanes = LaneId { source, part: 0 }..=LaneId { source, part: u32::MAX };
        let unfinished = self.lanes.range(lanes).filter_map(|(_, lane)| lane.unfinished_from()).min();
        Some(unfinished.unwrap_or(read))
    }

    /// Forgets a partition that another member of the group has now. What works on it ends first, should it come back.
    fn orphan(&mut self, source: SourceId) {
        let lanes: Vec<_> = self.lanes.keys().filter(|lane| lane.source == source).copied().collect();
        for id in lanes {
            if self.lanes.remove(&id).is_some_and(|lane| lane.is_running()) {
                self.orphaned.insert(id);
            }
        }
        self.read.remove(&source);
        if let Some(positions) = &self.setup.positions {
            positions.forget(source);
        }
        let (unfinished, bytes) = self.left();
        self.progress.update(|state| {
            state.read.remove(&source);
            state.done.remove(&source);
            (state.unfinished, state.bytes) = (unfinished, bytes);
        });
    }

    /// How many records are not done, and their size.
    fn left(&self) -> (usize, usize) {
        let lanes = self.lanes.values();
        lanes.fold((0, 0), |(records, bytes), lane| (records + lane.unfinished(), bytes + lane.bytes()))
    }

    /// The next batch that can be worked on now: failed records alone, or new ones of as many partitions as fit.
    fn next_batch(&mut self, now: Instant) -> Option<Vec<Part>> {
        let setup = Arc::clone(&self.setup);
        let (now_ms, order) = (epoch_ms(), setup.retry.order);
        let merge = matches!(setup.origin, Origin::Topic { .. });
        let ids = self.lanes_in_turn();
        let idle = || ids.iter().filter_map(|id| self.lanes.get(id)?.fresh(order));
        let waited = |since: Instant| now.duration_since(since) >= setup.window;
        let together = merge
            && (idle().any(|(_, since)| waited(since))
                || idle().map(|(count, _)| count).sum::<usize>() >= setup.batch_size);
        let mut room = Room { records: setup.batch_size, bytes: PAYLOAD };
        let mut batch = Vec::new();
        for id in ids {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            if batch.is_empty()
                && let Some(part) = lane.take_failed(&setup.retry, now, now_ms)
            {
                return Some(vec![part]);
            }
            let Some((count, since)) = lane.fresh(order) else { continue };
            if !(together || (!merge && (count >= setup.batch_size || waited(since)))) || room.records == 0 {
                continue;
            }
            match lane.take_fresh(&mut room, batch.is_empty(), &setup.retry, now_ms) {
                // What is too old is not worked on with what is not.
                Some(part) if part.given_up.is_some() && !batch.is_empty() => lane.put_back(part, now),
                Some(part) if part.given_up.is_some() => return Some(vec![part]),
                Some(part) => batch.push(part),
                None => {}
            }
            if !merge && !batch.is_empty() {
                break;
            }
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// The lanes, beginning after the one that was served last.
    fn lanes_in_turn(&self) -> Vec<LaneId> {
        let from = self.last.map_or(Unbounded, Excluded);
        let after = self.lanes.range((from, Unbounded)).map(|(id, _)| *id);
        let before = self.last.into_iter().flat_map(|last| self.lanes.range(..=last)).map(|(id, _)| *id);
        after.chain(before).filter(|id| !self.orphaned.contains(id)).collect()
    }
}

/// Works on one batch: invokes the function, or buries what is given up.
async fn work<T: Target>(setup: Arc<Setup<T>>, batch: Vec<Part>) -> Vec<(Part, Outcome)> {
    if let [part] = &*batch
        && let Some(why) = part.given_up
    {
        setup.undertaker.bury(&setup.origin, &setup.function, part, why).await;
        return batch.into_iter().map(|part| (part, Outcome::Done)).collect();
    }
    setup.functions.until_running(&setup.function).await;
    if let Some(pressure) = &setup.hold {
        pressure.relieved().await;
    }
    let outcomes = match setup.functions.invoke(&setup.function, setup.origin.event(&batch), Source::Trigger).await {
        Ok(answer) if setup.partial_answers => {
            let identifiers = match &setup.origin {
                Origin::Topic { topic, .. } => Identifiers::Offsets { topic },
                Origin::Stream { .. } => Identifiers::Sequences,
            };
            answer::outcomes(&answer, &batch, identifiers)
        }
        Ok(_) => vec![Outcome::Done; batch.len()],
        Err(_) => vec![Outcome::Failed; batch.len()],
    };
    batch.into_iter().zip(outcomes).collect()
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

fn epoch_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Say;
    use crate::broker::{Given, Publisher};
    use crate::function::InvokeError;
    use crate::triggers::lane::RetryOrder;
    use crate::triggers::record::Record;

    #[derive(Clone)]
    struct Nobody;

    impl Target for Nobody {
        async fn invoke(&self, _: &str, _: Bytes, _: Source) -> Result<Bytes, InvokeError> {
            Err(InvokeError::Stopping)
        }

        async fn until_running(&self, _: &str) {}
    }

    fn poller(progress: Progress) -> Poller<Nobody> {
        let say: Say = Arc::new(|_| ());
        let publisher = Publisher::new(Given::open("", ""), Arc::clone(&say));
        let setup = Setup {
            function: "policy".into(),
            functions: Nobody,
            origin: Origin::Topic { topic: "events".into(), bootstrap: String::new() },
            batch_size: 10,
            window: Duration::ZERO,
            partial_answers: true,
            retry: Retry { most: None, max_age: None, bisect: false, order: RetryOrder::FailedFirst },
            concurrency: 1,
            positions: None,
            hold: None,
            pressure: None,
            undertaker: Undertaker { publisher, topic: None, journal: None, say },
        };
        Poller::new(setup, mpsc::unbounded_channel().1, progress)
    }

    #[test]
    fn records_of_a_partition_that_was_revoked_are_left_to_its_next_member() {
        let (progress, state) = Progress::new();
        let mut poller = poller(progress);
        let source = SourceId(0);
        let arrived = |position| {
            let record = Record { position, written_ms: 0, json: "{}".into(), sequence: "".into() };
            let lane = LaneId { source, part: 0 };
            Feed::Arrived(vec![Arrival { lane, position, record: Some(Arc::new(record)) }])
        };
        poller.take(Feed::Assigned(vec![(source, 0)]));
        poller.take(arrived(3));
        assert_eq!((state.borrow().read[&source], state.borrow().unfinished), (4, 1));
        poller.take(Feed::Revoked(vec![source]));
        poller.take(arrived(4));
        assert!(state.borrow().read.is_empty() && state.borrow().done.is_empty());
        assert_eq!(state.borrow().unfinished, 0);
        poller.take(Feed::Assigned(vec![(source, 0)]));
        poller.take(arrived(3));
        assert_eq!(state.borrow().done[&source], 3);
    }
}

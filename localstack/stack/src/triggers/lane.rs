//! One lane of a trigger: records wait in order, one part of them is worked on at a time, failed ones come again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::record::{LaneId, Record};

/// What a trigger does with records that fail.
#[derive(Debug, Clone)]
pub(super) struct Retry {
    /// `MaximumRetryAttempts`.
    pub(super) most: Option<u32>,
    /// `MaximumRecordAgeInSeconds`.
    pub(super) max_age: Option<Duration>,
    /// `BisectBatchOnFunctionError`.
    pub(super) bisect: bool,
    /// What comes first.
    pub(super) order: RetryOrder,
}

/// Whether a lane's failed records hold back the later ones. AWS does not say for Kafka, so both can be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetryOrder {
    /// Failed records are tried again before the lane is read on.
    #[default]
    FailedFirst,
    /// The lane is read on while failed records wait for their next attempt.
    LaterFirst,
}

/// Why a trigger gives records up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// They failed more often than the trigger's limit.
    RetriesExhausted,
    /// They are older than the trigger's limit.
    TooOld,
}

/// Records of one lane that are worked on together.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) lane: LaneId,
    pub(super) records: Vec<Arc<Record>>,
    /// How often they were tried before.
    pub(super) attempts: u32,
    /// Set where they are not tried again.
    pub(super) given_up: Option<GivenUp>,
}

/// How an attempt on a part ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of it is done.
    Done,
    /// The function failed, or its answer cannot be read.
    Failed,
    /// Only these positions failed.
    FailedRecords(Vec<i64>),
    /// This position and everything after it has to come again.
    FailedFrom(i64),
}

/// How much more fits into a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) records: usize,
    pub(super) bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    part: Part,
    due: Instant,
}

/// The records of one lane, from their arrival until they are done.
#[derive(Debug)]
pub(super) struct Lane {
    id: LaneId,
    fresh: VecDeque<(Arc<Record>, Instant)>,
    failed: VecDeque<Waiting>,
    /// The first position of the part that is worked on, and how many records it has.
    running: Option<(i64, usize)>,
    /// The size of everything that is not done.
    bytes: usize,
}

impl Lane {
    pub(super) fn new(id: LaneId) -> Self {
        Self { id, fresh: VecDeque::new(), failed: VecDeque::new(), running: None, bytes: 0 }
    }

    /// Appends a record.
    pub(super) fn push(&mut self, record: Arc<Record>, now: Instant) {
        self.bytes += record.json.len();
        self.fresh.push_back((record, now));
    }

    /// The lowest position that is not done.
    pub(super) fn unfinished_from(&self) -> Option<i64> {
        let fresh = self.fresh.front().map(|(record, _)| record.position);
        let failed = self.failed.iter().filter_map(|waiting| waiting.part.records.first()).map(|r| r.position);
        failed.chain(fresh).chain(self.running.map(|(first, _)| first)).min()
    }

    /// How many records are not done.
    pub(super) fn unfinished(&self) -> usize {
        let failed: usize = self.failed.iter().map(|waiting| waiting.part.records.len()).sum();
        self.fresh.len() + failed + self.running.map_or(0, |(_, count)| count)
    }

    /// The size in bytes of the records that are not done.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many records could be taken for the first time, and since when the oldest of them waits.
    pub(super) fn fresh(&self, order: RetryOrder) -> Option<(usize, Instant)> {
        let held_back = self.running.is_some() || (order == RetryOrder::FailedFirst && !self.failed.is_empty());
        self.fresh.front().filter(|_| !held_back).map(|(_, since)| (self.fresh.len(), *since))
    }

    /// When failed records are due again; `None` while there are none or the lane is busy.
    pub(super) fn retry_due(&self) -> Option<Instant> {
        self.failed.front().filter(|_| self.running.is_none()).map(|waiting| waiting.due)
    }

    /// Takes the failed records that are due.
    pub(super) fn take_failed(&mut self, retry: &Retry, now: Instant, now_ms: i64) -> Option<Part> {
        self.retry_due().filter(|due| *due <= now)?;
        let Waiting { mut part, due } = self.failed.pop_front()?;
        if part.given_up.is_none() {
            let (same, too_old) = same_age(part.records.iter(), retry, now_ms);
            let rest = part.records.split_off(same);
            if !rest.is_empty() {
                let part = Part { lane: self.id, records: rest, attempts: part.attempts, given_up: None };
                self.failed.push_front(Waiting { part, due });
            }
            part.given_up = too_old.then_some(GivenUp::TooOld);
        }
        Some(self.run(part))
    }

    /// Takes records for the first time, as many as there is room for; one always fits into an empty batch.
    pub(super) fn take_fresh(&mut self, room: &mut Room, empty: bool, retry: &Retry, now_ms: i64) -> Option<Part> {
        self.fresh(retry.order)?;
        let (same, too_old) = same_age(self.fresh.iter().map(|(record, _)| record), retry, now_ms);
        let mut fitting = 0;
        for (record, _) in self.fresh.iter().take(same.min(room.records)) {
            let fits = record.json.len() < room.bytes || (empty && fitting == 0);
            if !fits {
                break;
            }
            room.bytes = room.bytes.saturating_sub(record.json.len() + 1);
            fitting += 1;
        }
        room.records -= fitting;
        let records: Vec<_> = self.fresh.drain(..fitting).map(|(record, _)| record).collect();
        let given_up = too_old.then_some(GivenUp::TooOld);
        (!records.is_empty()).then(|| self.run(Part { lane: self.id, records, attempts: 0, given_up }))
    }

    fn run(&mut self, part: Part) -> Part {
        self.running = part.records.first().map(|first| (first.position, part.records.len()));
        part
    }

    /// Whether a part of it is worked on.
    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Takes back a part that is not worked on after all, to be taken first with the failed ones.
    pub(super) fn put_back(&mut self, part: Part, now: Instant) {
        self.running = None;
        self.failed.push_front(Waiting { part, due: now });
    }

    /// Takes back the part that was worked on: what failed comes again, after a pause that grows with each attempt,
    /// until a limit is reached.
    pub(super) fn finish(&mut self, mut part: Part, outcome: &Outcome, retry: &Retry, now: Instant) {
        self.running = None;
        self.bytes -= size(&part);
        let whole = part.records.len();
        match outcome {
            Outcome::Done => return,
            Outcome::Failed if retry.bisect && whole > 1 => {
                let half = part.records.split_off(whole.div_ceil(2));
                let half = Part { records: half, ..part };
                self.again(half, now, retry.order);
                return self.again(part, now, retry.order);
            }
            Outcome::Failed => {}
            Outcome::FailedRecords(positions) => {
                part.records.retain(|record| positions.contains(&record.position));
            }
            Outcome::FailedFrom(position) => {
                part.records.retain(|record| record.position >= *position);
                if part.records.len() < whole {
                    // The record that fails now is not the one that held the lane before.
                    part.attempts = 0;
                }
            }
        }
        if part.records.is_empty() {
            return;
        }
        part.attempts += 1;
        let due = now + pause(part.attempts);
        if retry.most.is_some_and(|most| part.attempts > most) {
            part.given_up = Some(GivenUp::RetriesExhausted);
            return self.again(part, now, retry.order);
        }
        self.again(part, due, retry.order);
    }

    /// Puts failed records back: before all others of their lane, or among them by when they are due.
    fn again(&mut self, part: Part, due: Instant, order: RetryOrder) {
        let before = match order {
            RetryOrder::FailedFirst => 0,
            RetryOrder::LaterFirst => self.failed.partition_point(|waiting| waiting.due < due),
        };
        self.bytes += size(&part);
        self.failed.insert(before, Waiting { part, due });
    }
}

fn size(part: &Part) -> usize {
    part.records.iter().map(|record| record.json.len()).sum()
}

/// How many records at the front are alike in being too old or not, and which of the two they are.
fn same_age<'a>(records: impl Iterator<Item = &'a Arc<Record>>, retry: &Retry, now_ms: i64) -> (usize, bool) {
    let Some(max_age) = retry.max_age else { return (records.count(), false) };
    let mut too_old = records.map(|record| record.age(now_ms) > max_age).peekable();
    let first = too_old.peek().copied().unwrap_or_default();
    (too_old.take_while(|old| *old == first).count(), first)
}

/// The pause before the next attempt, after this many: 100 ms, doubled each time up to 30 s.
fn pause(attempts: u32) -> Duration {
    Duration::from_millis(100)
        .saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)))
        .min(Duration::from_secs(30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triggers::record::SourceId;

    const LANE: LaneId = LaneId { source: SourceId(0), part: 0 };
    const ROOM: Room = Room { records: 100, bytes: 1000 };

    fn retry() -> Retry {
        Retry { most: None, max_age: None, bisect: false, order: RetryOrder::FailedFirst }
    }

    fn lane(positions: std::ops::Range<i64>) -> Lane {
        let mut lane = Lane::new(LANE);
        for position in positions {
            let record = Record { position, written_ms: position, json: "{}".into(), sequence: "".into() };
            lane.push(Arc::new(record), Instant::now());
        }
        lane
    }

    fn fresh(lane: &mut Lane, retry: &Retry) -> Part {
        lane.take_fresh(&mut ROOM.clone(), true, retry, 0).unwrap()
    }

    fn positions(part: &Part) -> Vec<i64> {
        part.records.iter().map(|record| record.position).collect()
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn one_part_at_a_time_and_the_position_follows_what_is_done() {
        let (mut lane, retry) = (lane(5..9), retry());
        assert_eq!(lane.bytes(), 8);
        let mut room = Room { records: 2, ..ROOM };
        let part = lane.take_fresh(&mut room, true, &retry, 0).unwrap();
        assert_eq!((positions(&part), room.records), (vec![5, 6], 0));
        assert!(lane.take_fresh(&mut ROOM.clone(), true, &retry, 0).is_none());
        assert_eq!((lane.unfinished_from(), lane.unfinished()), (Some(5), 4));
        lane.finish(part, &Outcome::Done, &retry, Instant::now());
        assert_eq!((lane.unfinished_from(), lane.unfinished()), (Some(7), 2));
        let part = fresh(&mut lane, &retry);
        lane.finish(part, &Outcome::Done, &retry, Instant::now());
        assert_eq!((lane.unfinished_from(), lane.unfinished(), lane.bytes()), (None, 0, 0));
    }

    #[test]
    fn failed_records_come_again_before_the_lane_is_read_on() {
        let (mut lane, retry) = (lane(0..4), retry());
        let part = lane.take_fresh(&mut Room { records: 3, ..ROOM }, true, &retry, 0).unwrap();
        let now = Instant::now();
        lane.finish(part, &Outcome::FailedRecords(vec![0, 2]), &retry, now);
        assert!(lane.fresh(retry.order).is_none());
        assert_eq!(lane.retry_due(), Some(now + Duration::from_millis(100)));
        assert!(lane.take_failed(&retry, now, 0).is_none());
        let part = lane.take_failed(&retry, later(), 0).unwrap();
        assert_eq!((positions(&part), part.attempts), (vec![0, 2], 1));
        lane.finish(part, &Outcome::Done, &retry, now);
        assert_eq!(positions(&fresh(&mut lane, &retry)), [3]);
    }

    #[test]
    fn in_the_other_order_the_lane_is_read_on_and_the_position_waits() {
        let (mut lane, retry) = (lane(0..3), Retry { order: RetryOrder::LaterFirst, ..retry() });
        let part = lane.take_fresh(&mut Room { records: 1, ..ROOM }, true, &retry, 0).unwrap();
        lane.finish(part, &Outcome::Failed, &retry, Instant::now());
        let part = fresh(&mut lane, &retry);
        assert_eq!(positions(&part), [1, 2]);
        lane.finish(part, &Outcome::Done, &retry, Instant::now());
        assert_eq!(lane.unfinished_from(), Some(0));
        assert_eq!(positions(&lane.take_failed(&retry, later(), 0).unwrap()), [0]);
    }

    #[test]
    fn a_stream_starts_again_at_its_lowest_failed_record() {
        let (mut lane, retry) = (lane(0..4), retry());
        let part = fresh(&mut lane, &retry);
        lane.finish(part, &Outcome::FailedFrom(2), &retry, Instant::now());
        let part = lane.take_failed(&retry, later(), 0).unwrap();
        assert_eq!((positions(&part), part.attempts), (vec![2, 3], 1));
    }

    #[test]
    fn a_failed_batch_is_bisected_and_each_half_comes_in_order() {
        let (mut lane, retry) = (lane(0..3), Retry { bisect: true, most: Some(0), ..retry() });
        let part = fresh(&mut lane, &retry);
        lane.finish(part, &Outcome::Failed, &retry, Instant::now());
        let part = lane.take_failed(&retry, later(), 0).unwrap();
        assert_eq!((positions(&part), part.attempts), (vec![0, 1], 0));
        lane.finish(part, &Outcome::Failed, &retry, Instant::now());
        let part = lane.take_failed(&retry, later(), 0).unwrap();
        assert_eq!(positions(&part), [0]);
        lane.finish(part, &Outcome::Failed, &retry, Instant::now());
        let part = lane.take_failed(&retry, later(), 0).unwrap();
        assert_eq!((positions(&part), part.given_up), (vec![0], Some(GivenUp::RetriesExhausted)));
        lane.finish(part, &Outcome::Done, &retry, Instant::now());
        assert_eq!(positions(&lane.take_failed(&retry, later(), 0).unwrap()), [1]);
    }

    #[test]
    fn records_are_given_up_after_their_attempts_or_when_too_old() {
        let (mut lane, retry) = (lane(0..2), Retry { most: Some(1), ..retry() });
        let part = fresh(&mut lane, &retry);
        lane.finish(part, &Outcome::Failed, &retry, Instant::now());
        let part = lane.take_failed(&retry, later(), 0).unwrap();
        assert_eq!(part.given_up, None);
        lane.finish(part, &Outcome::Failed, &retry, Instant::now());
        let part = lane.take_failed(&retry, Instant::now(), 0).unwrap();
        assert_eq!((part.given_up, part.attempts), (Some(GivenUp::RetriesExhausted), 2));

        let retry = Retry { max_age: Some(Duration::from_millis(10)), ..super::tests::retry() };
        let mut lane = super::tests::lane(0..3);
        let part = lane.take_fresh(&mut ROOM.clone(), true, &retry, 11).unwrap();
        assert_eq!((positions(&part), part.given_up), (vec![0], Some(GivenUp::TooOld)));
        lane.finish(part, &Outcome::Done, &retry, Instant::now());
        let part = lane.take_fresh(&mut ROOM.clone(), true, &retry, 11).unwrap();
        assert_eq!((positions(&part), part.given_up), (vec![1, 2], None));
        lane.finish(part, &Outcome::Failed, &retry, Instant::now());
        let part = lane.take_failed(&retry, later(), 12).unwrap();
        assert_eq!((positions(&part), part.given_up), (vec![1], Some(GivenUp::TooOld)));
        lane.finish(part, &Outcome::Done, &retry, Instant::now());
        assert_eq!(positions(&lane.take_failed(&retry, later(), 12).unwrap()), [2]);
    }

    #[test]
    fn bytes_limit_a_batch_but_one_record_always_goes() {
        let (mut lane, retry) = (lane(0..3), retry());
        let mut room = Room { records: 9, bytes: 1 };
        assert!(lane.take_fresh(&mut room, false, &retry, 0).is_none());
        assert_eq!(positions(&lane.take_fresh(&mut room, true, &retry, 0).unwrap()), [0]);
    }

    #[test]
    fn pauses_grow_to_half_a_minute() {
        let pauses: Vec<_> = [1, 2, 3, 9, 10, 1000].map(|n| pause(n).as_millis()).into();
        assert_eq!(pauses, [100, 200, 400, 25600, 30000, 30000]);
    }
}

//! What all parts of a simulation share: time, chance, history, tables and topics. One thread uses it; the locks are never waited for.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::faults::{Fault, Faults};
use super::history::History;
use super::random::Random;
use super::sabotage::Sabotage;
use super::store::Tables;
use super::timers::{Due, Sleep, Timers};
use super::topics::Topics;
use crate::Timestamp;

/// When simulated time begins: 2026-01-01T00:00:00Z, in milliseconds since 1970.
const BEGINNING: i64 = 1_767_225_600_000;

/// The shared part.
pub(super) struct Core {
    /// Microseconds since the beginning.
    now: AtomicU64,
    calm: AtomicBool,
    /// Effects that are still to come.
    pub(super) outstanding: AtomicUsize,
    timers: Mutex<Timers>,
    random: Mutex<Random>,
    history: Mutex<History>,
    tables: Mutex<Tables>,
    topics: Mutex<Topics>,
    pub(super) faults: Faults,
    pub(super) sabotage: Option<Sabotage>,
}

impl Core {
    pub(super) fn new(random: Random, faults: Faults, sabotage: Option<Sabotage>, keep: bool) -> Arc<Self> {
        Arc::new(Core {
            now: AtomicU64::new(0),
            calm: AtomicBool::new(false),
            outstanding: AtomicUsize::new(0),
            timers: Mutex::default(),
            random: Mutex::new(random),
            history: Mutex::new(History::new(keep)),
            tables: Mutex::default(),
            topics: Mutex::default(),
            faults,
            sabotage,
        })
    }

    /// Microseconds since the beginning.
    pub(super) fn now(&self) -> u64 {
        self.now.load(Relaxed)
    }

    /// The true time, as a clock without skew tells it.
    pub(super) fn time(&self) -> Timestamp {
        Timestamp::from_millis(BEGINNING + i64::try_from(self.now() / 1_000).unwrap_or(i64::MAX))
    }

    /// From now on nothing goes wrong.
    pub(super) fn calm_down(&self) {
        self.calm.store(true, Relaxed);
    }

    pub(super) fn is_calm(&self) -> bool {
        self.calm.load(Relaxed)
    }

    /// Whether a fault of this kind happens here and now.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        !self.is_calm() && self.faults.has(fault) && self.random().chance(self.faults.rate(fault))
    }

    pub(super) fn random(&self) -> MutexGuard<'_, Random> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn topics(&self) -> MutexGuard<'_, Topics> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn say(&self, what: fmt::Arguments<'_>) {
        self.history().add(self.now(), what);
    }

    /// Comes back at `now + time`.
    pub(super) fn sleep(self: &Arc<Self>, time: Duration) -> Sleep {
        let until = self.now().saturating_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        Sleep::new(self, until)
    }

    /// Comes back after a random time.
    pub(super) fn pause(self: &Arc<Self>, from: Duration, to: Duration) -> Sleep {
        let time = self.random().span(from, to);
        self.sleep(time)
    }

    /// Lets something happen after `time`.
    pub(super) fn later(&self, time: Duration, due: Due) {
        self.outstanding.fetch_add(1, Relaxed);
        self.at(self.now().saturating_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)), due);
    }

    pub(super) fn at(&self, at: u64, due: Due) {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner).set(at, due);
    }

    /// Goes on to the next thing that is to happen.
    pub(super) fn advance(&self) -> Option<Due> {
        let (at, due) = self.timers.lock().unwrap_or_else(PoisonError::into_inner).next()?;
        self.now.fetch_max(at, Relaxed);
        if !matches!(due, Due::Wake(_)) {
            self.outstanding.fetch_sub(1, Relaxed);
        }
        Some(due)
    }
}

//! What happens at a time, and waiting for it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::core::Core;
use crate::ports::Message;
use crate::ports::store::Put;

/// What is still to happen, the earliest first.
#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Timer>,
    sequence: u64,
}

/// What happens at a time.
pub(super) enum Due {
    /// A task goes on.
    Wake(Waker),
    /// A write that its caller has given up takes effect.
    Write(Vec<Put>),
    /// The same for a record.
    Publish(Message),
}

struct Timer {
    at: u64,
    sequence: u64,
    due: Due,
}

impl Timers {
    pub(super) fn set(&mut self, at: u64, due: Due) {
        self.sequence += 1;
        self.heap.push(Timer { at, sequence: self.sequence, due });
    }

    pub(super) fn next(&mut self) -> Option<(u64, Due)> {
        self.heap.pop().map(|timer| (timer.at, timer.due))
    }
}

/// Waits for a point in simulated time.
pub(super) struct Sleep {
    core: Arc<Core>,
    until: u64,
    armed: bool,
}

impl Sleep {
    pub(super) fn new(core: &Arc<Core>, until: u64) -> Self {
        Sleep { core: core.clone(), until, armed: false }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.core.now() >= self.until {
            return Poll::Ready(());
        }
        if !std::mem::replace(&mut self.armed, true) {
            self.core.at(self.until, Due::Wake(context.waker().clone()));
        }
        Poll::Pending
    }
}

impl PartialEq for Timer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Timer {}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timer {
    /// The earliest is the greatest, as the heap wants it; of the same time, the one that was set first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

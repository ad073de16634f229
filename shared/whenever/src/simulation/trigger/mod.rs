//! Triggers with Lambda's semantics: topics, table streams, schedules.

mod give_up;
mod lane;
mod schedule;
mod stream;
mod topic;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use super::executor::Spawner;

pub(super) use schedule::sweep_every_minute;
pub(super) use stream::{Reading, read_shards};
pub use topic::Subscription;
pub(super) use topic::{listen, replay};

/// A trigger's filter: whether the function sees this.
pub type Filter<T> = Rc<dyn Fn(&T) -> bool>;

/// What triggers share.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) core: Arc<Core>,
    pub(super) spawner: Spawner,
    /// Batches under way.
    pub(super) busy: Rc<Busy>,
}

/// Counts what is under way.
#[derive(Default)]
pub(super) struct Busy(Cell<usize>);

/// Something under way, until it is dropped.
pub(super) struct Doing(Rc<Busy>);

impl Busy {
    pub(super) fn start(self: &Rc<Self>) -> Doing {
        self.0.set(self.0.get() + 1);
        Doing(self.clone())
    }

    pub(super) fn is_idle(&self) -> bool {
        self.0.get() == 0
    }
}

impl Drop for Doing {
    fn drop(&mut self) {
        self.0.0.set(self.0.0.get() - 1);
    }
}

/// The pause before repetition number `attempt`: from 100 ms, doubled up to 30 s.
fn backoff(attempt: u32) -> Duration {
    Duration::from_millis(100).saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(Duration::from_secs(30))
}

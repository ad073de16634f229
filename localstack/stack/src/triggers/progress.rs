//! How far a trigger is: what its poller publishes for everybody who waits for it or shows it.

use std::collections::BTreeMap;

use tokio::sync::watch;

use super::record::SourceId;

/// Nothing more is read for a trigger while it has so many records to do: they are kept where they are.
const MOST_RECORDS: usize = 10_000;
/// The same in bytes.
pub(super) const MOST_BYTES: usize = 48 * 1024 * 1024;

/// A trigger's state at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Per partition or shard, the position after the last record that was read.
    pub(super) read: BTreeMap<SourceId, i64>,
    /// Per partition or shard, the position below which everything is done.
    pub(super) done: BTreeMap<SourceId, i64>,
    /// Records read and not done.
    pub(super) unfinished: usize,
    /// Their size.
    pub(super) bytes: usize,
    /// Invocations under way.
    pub(super) running: usize,
    /// Grows with everything that happens, so that somebody who looks twice sees whether something did.
    pub(super) turn: u64,
}

impl State {
    /// Whether more may be read.
    pub(super) fn has_room(&self) -> bool {
        self.unfinished < MOST_RECORDS && self.bytes < MOST_BYTES
    }
}

/// Waits until more may be read for a trigger.
pub(super) async fn until_room(state: &watch::Receiver<State>) {
    // An error says that the trigger has ended: nothing is left to wait for.
    drop(state.clone().wait_for(State::has_room).await);
}

/// A poller's end of its trigger's state.
#[derive(Debug)]
pub(super) struct Progress(watch::Sender<State>);

impl Progress {
    pub(super) fn new() -> (Self, watch::Receiver<State>) {
        let (sender, receiver) = watch::channel(State::default());
        (Self(sender), receiver)
    }

    pub(super) fn set_running(&self, running: usize) {
        self.0.send_if_modified(|state| {
            let changed = state.running != running;
            state.running = running;
            state.turn += u64::from(changed);
            changed
        });
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut State)) {
        self.0.send_modify(|state| {
            change(state);
            state.turn += 1;
        });
    }
}

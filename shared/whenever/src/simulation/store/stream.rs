//! A table's stream: shards, each in the order of its items' writes, independent of each other.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::item::Item;

/// Over how many shards items are spread.
const SHARDS: usize = 3;

/// One write as the stream shows it.
#[derive(Clone)]
pub(in crate::simulation) struct Written {
    pub(in crate::simulation) sequence: u64,
    pub(in crate::simulation) image: Arc<Item>,
    /// When it becomes visible.
    visible: u64,
}

/// The shards of a stream.
pub(in crate::simulation) struct Shards {
    shards: Vec<Shard>,
    sequence: u64,
}

#[derive(Default)]
struct Shard {
    written: Vec<Written>,
    waiting: Option<Waker>,
}

impl Default for Shards {
    fn default() -> Self {
        Shards { shards: (0..SHARDS).map(|_| Shard::default()).collect(), sequence: 0 }
    }
}

impl Shards {
    pub(super) fn append(&mut self, pk: &str, image: Arc<Item>, now: u64, lag: Duration) {
        self.sequence += 1;
        let sum: usize = pk.bytes().map(usize::from).sum();
        let shard = &mut self.shards[sum % SHARDS];
        let last = shard.written.last().map_or(0, |last| last.visible);
        let visible = now.saturating_add(u64::try_from(lag.as_micros()).unwrap_or(0)).max(last);
        shard.written.push(Written { sequence: self.sequence, image, visible });
        if let Some(waiting) = shard.waiting.take() {
            waiting.wake();
        }
    }

    pub(in crate::simulation) fn count(&self) -> usize {
        self.shards.len()
    }

    pub(in crate::simulation) fn end(&self, shard: usize) -> usize {
        self.shards[shard].written.len()
    }

    /// Up to `most` records from `position` on that are visible, or when the first of them will be; `None` if there is none.
    pub(in crate::simulation) fn read(
        &self,
        shard: usize,
        position: usize,
        most: usize,
        now: u64,
    ) -> Option<Result<Vec<Written>, u64>> {
        let rest = &self.shards[shard].written[position..];
        let first = rest.first()?;
        if first.visible > now {
            return Some(Err(first.visible));
        }
        Some(Ok(rest.iter().take(most).take_while(|written| written.visible <= now).cloned().collect()))
    }

    /// Rings when the shard's next record is written.
    pub(in crate::simulation) fn wait(&mut self, shard: usize, waker: &Waker) {
        self.shards[shard].waiting = Some(waker.clone());
    }
}

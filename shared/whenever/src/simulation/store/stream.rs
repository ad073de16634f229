//! A table's stream: shards, each in the order of its items' writes, independent of each other.

use std::collections::VecDeque;
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

/// What not every reader is done with yet.
#[derive(Default)]
struct Shard {
    written: VecDeque<Written>,
    readers: Vec<Reader>,
}

#[derive(Default)]
struct Reader {
    /// How many of `written` it is done with.
    done: usize,
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
        let last = shard.written.back().map_or(0, |last| last.visible);
        let visible = now.saturating_add(u64::try_from(lag.as_micros()).unwrap_or(0)).max(last);
        shard.written.push_back(Written { sequence: self.sequence, image, visible });
        for waiting in shard.readers.iter_mut().filter_map(|reader| reader.waiting.take()) {
            waiting.wake();
        }
    }

    pub(in crate::simulation) fn count(&self) -> usize {
        self.shards.len()
    }

    /// One more reader of a shard, from what is there on; answers its number.
    pub(in crate::simulation) fn join(&mut self, shard: usize) -> usize {
        self.shards[shard].readers.push(Reader::default());
        self.shards[shard].readers.len() - 1
    }

    /// Whether there is something that a reader is not done with.
    pub(in crate::simulation) fn has_more(&self, shard: usize, reader: usize) -> bool {
        let shard = &self.shards[shard];
        shard.written.len() > shard.readers[reader].done
    }

    /// Up to `most` of the records that a reader is not done with and that are visible, or when the first of them will be; `None` if
    /// there is none.
    pub(in crate::simulation) fn read(
        &self,
        shard: usize,
        reader: usize,
        most: usize,
        now: u64,
    ) -> Option<Result<Vec<Written>, u64>> {
        let shard = &self.shards[shard];
        let rest = shard.written.range(shard.readers[reader].done..);
        let first = rest.clone().next()?;
        if first.visible > now {
            return Some(Err(first.visible));
        }
        Some(Ok(rest.take(most).take_while(|written| written.visible <= now).cloned().collect()))
    }

    /// A reader is done with `count` more. What all of them are done with is gone.
    pub(in crate::simulation) fn advance(&mut self, shard: usize, reader: usize, count: usize) {
        let shard = &mut self.shards[shard];
        shard.readers[reader].done += count;
        let gone = shard.readers.iter().map(|reader| reader.done).min().unwrap_or(0);
        shard.written.drain(..gone);
        shard.readers.iter_mut().for_each(|reader| reader.done -= gone);
    }

    /// Rings when the shard's next record is written.
    pub(in crate::simulation) fn wait(&mut self, shard: usize, reader: usize, waker: &Waker) {
        self.shards[shard].readers[reader].waiting = Some(waker.clone());
    }
}

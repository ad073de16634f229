//! A trigger on a table's stream: a lane for each shard, which goes on only from what has succeeded.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::{Filter, Scene, backoff};
use crate::item::Item;
use crate::simulation::faults::Fault;
use crate::simulation::function::{Function, Host};
use crate::simulation::store::{Shards, Written};
use crate::{Change, Handled};

/// The most records of a batch (the largest that Lambda takes from a stream is 10,000).
const BATCH: u64 = 100;

/// What a trigger on a stream needs to know.
#[derive(Clone)]
pub(in crate::simulation) struct Reading {
    pub(in crate::simulation) table: &'static str,
    /// Which items it sees.
    pub(in crate::simulation) filter: Option<Filter<Item>>,
}

/// A reader's place: a shard, and its number there.
#[derive(Clone, Copy)]
struct Place {
    shard: usize,
    reader: usize,
}

/// Starts a lane for each of a stream's shards.
pub(in crate::simulation) fn read_shards(scene: &Scene, reading: &Reading, host: &Rc<Host>) {
    let join = |stream: &mut Shards| -> Vec<Place> {
        (0..stream.count()).map(|shard| Place { shard, reader: stream.join(shard) }).collect()
    };
    for place in with_stream(scene, reading, join).unwrap_or_default() {
        scene.spawner.spawn(read(scene.clone(), reading.clone(), host.clone(), place));
    }
}

/// Does something with the stream, if the table has one.
fn with_stream<T>(scene: &Scene, reading: &Reading, work: impl FnOnce(&mut Shards) -> T) -> Option<T> {
    scene.core.tables().get_mut(reading.table).ok()?.stream.as_mut().map(work)
}

async fn read(scene: Scene, reading: Reading, host: Rc<Host>, place: Place) {
    let core = &scene.core;
    let mut attempt = 0;
    loop {
        let doing = wait(&scene, &reading, place).await;
        core.pause(Duration::from_micros(100), Duration::from_millis(10)).await;
        let most = usize::try_from(core.random().between(1, BATCH)).unwrap_or(1);
        let read = read_visible(&scene, &reading, place, most).await;
        let changes: Vec<Change> =
            read.iter().filter(|written| reading.sees(written)).map(|written| change(written, reading.table)).collect();
        let handled = if changes.is_empty() { Some(Vec::new()) } else { invoke(&host, &changes).await };
        // What has been published but not noted down as such comes again.
        let handled = handled.filter(|_| !core.strikes(Fault::Duplicates));
        let failed = match &handled {
            None => read.first().map(|written| written.sequence),
            Some(handled) => {
                let failed = changes.iter().zip(handled).find(|(_, handled)| handled.iter().any(Handled::failed));
                failed.and_then(|(change, _)| change.sequence.parse().ok())
            }
        };
        let count = read.iter().take_while(|written| failed.is_none_or(|failed| written.sequence < failed)).count();
        with_stream(&scene, &reading, |stream| stream.advance(place.shard, place.reader, count));
        attempt = if failed.is_none() { 0 } else { attempt + 1 };
        if failed.is_some() {
            core.sleep(backoff(attempt)).await;
        }
        drop(doing);
    }
}

/// Waits for a record that is new to the reader, and says that there is something to do.
async fn wait(scene: &Scene, reading: &Reading, Place { shard, reader }: Place) -> super::Doing {
    poll_fn(|context| {
        let look = |stream: &mut Shards| {
            if stream.has_more(shard, reader) {
                return Poll::Ready(scene.busy.start());
            }
            stream.wait(shard, reader, context.waker());
            Poll::Pending
        };
        with_stream(scene, reading, look).unwrap_or(Poll::Pending)
    })
    .await
}

/// Reads what is visible; waits until something is.
async fn read_visible(scene: &Scene, reading: &Reading, Place { shard, reader }: Place, most: usize) -> Vec<Written> {
    let core = &scene.core;
    loop {
        let now = core.now();
        match with_stream(scene, reading, |stream| stream.read(shard, reader, most, now)).flatten() {
            Some(Ok(read)) => return read,
            Some(Err(visible)) => core.sleep(Duration::from_micros(visible.saturating_sub(core.now()))).await,
            None => return Vec::new(),
        }
    }
}

async fn invoke(host: &Host, changes: &[Change]) -> Option<Vec<Vec<Handled>>> {
    let run = async |function: &Function, invocation| match function {
        Function::Relay(relay) => Some(relay.run(changes, &invocation).await),
        _ => None,
    };
    host.invoke(run).await.flatten()
}

impl Reading {
    fn sees(&self, written: &Written) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter(&written.image))
    }
}

fn change(written: &Written, table: &str) -> Change {
    Change {
        sequence: written.sequence.to_string(),
        table: table.to_owned(),
        image: Ok(Some(Item::clone(&written.image))),
        raw: Vec::new(),
    }
}

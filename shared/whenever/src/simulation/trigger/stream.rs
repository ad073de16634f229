//! A trigger on a table's stream: a lane for each shard, which goes on only from what has succeeded.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::{Filter, Scene, backoff};
use crate::item::Item;
use crate::simulation::faults::Fault;
use crate::simulation::function::{Function, Host};
use crate::simulation::store::Written;
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

/// Starts a lane for each of a stream's shards.
pub(in crate::simulation) fn read_shards(scene: &Scene, reading: &Reading, host: &Rc<Host>) {
    let shards = scene.core.tables().get(reading.table).ok().and_then(|table| Some(table.stream.as_ref()?.count()));
    for shard in 0..shards.unwrap_or(0) {
        scene.spawner.spawn(read(scene.clone(), reading.clone(), host.clone(), shard));
    }
}

async fn read(scene: Scene, reading: Reading, host: Rc<Host>, shard: usize) {
    let core = &scene.core;
    let (mut position, mut attempt) = (0, 0);
    loop {
        let doing = wait(&scene, &reading, shard, position).await;
        core.pause(Duration::from_micros(100), Duration::from_millis(10)).await;
        let most = usize::try_from(core.random().between(1, BATCH)).unwrap_or(1);
        let read = read_visible(&scene, &reading, shard, position, most).await;
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
        position += read.iter().take_while(|written| failed.is_none_or(|failed| written.sequence < failed)).count();
        attempt = if failed.is_none() { 0 } else { attempt + 1 };
        if failed.is_some() {
            core.sleep(backoff(attempt)).await;
        }
        drop(doing);
    }
}

/// Waits for a record after `position`, and says that there is something to do.
async fn wait(scene: &Scene, reading: &Reading, shard: usize, position: usize) -> super::Doing {
    poll_fn(|context| {
        let mut tables = scene.core.tables();
        let Some(stream) = tables.get_mut(reading.table).ok().and_then(|table| table.stream.as_mut()) else {
            return Poll::Pending;
        };
        if stream.end(shard) > position {
            return Poll::Ready(scene.busy.start());
        }
        stream.wait(shard, context.waker());
        Poll::Pending
    })
    .await
}

/// Reads what is visible; waits until something is.
async fn read_visible(scene: &Scene, reading: &Reading, shard: usize, position: usize, most: usize) -> Vec<Written> {
    let core = &scene.core;
    loop {
        let read = {
            let tables = core.tables();
            let stream = tables.get(reading.table).ok().and_then(|table| table.stream.as_ref());
            stream.and_then(|stream| stream.read(shard, position, most, core.now()))
        };
        match read {
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

//! A trigger on a topic: a lane for each partition.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use serde_json::Value;

use super::lane::{Batch, Lane};
use super::{Filter, Scene};
use crate::simulation::faults::Fault;
use crate::simulation::function::Host;
use crate::simulation::topics::Stored;

/// A function's trigger on a topic.
#[derive(Clone)]
pub struct Subscription {
    /// The topic.
    pub topic: String,
    /// The most records of a batch.
    pub batch_size: usize,
    /// Which records it sees: `{"value": ...}`, where the value is JSON; `None` lets everything through.
    pub filter: Option<Filter<Value>>,
    /// How often a record is tried again; `None` is without limit.
    pub retries: Option<u32>,
    /// How old a record may become; `None` is without limit.
    pub record_age: Option<Duration>,
    /// A batch whose answer does not come is split in two.
    pub bisect: bool,
    /// The topic that takes what was given up.
    pub on_failure: Option<String>,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("topic", &self.topic).finish_non_exhaustive()
    }
}

/// Reads one partition to its end, for ever.
pub(in crate::simulation) async fn listen(
    scene: Scene,
    subscription: Rc<Subscription>,
    host: Rc<Host>,
    partition: usize,
) {
    let lane = Lane { scene, subscription, host };
    let Lane { scene, subscription, host } = &lane;
    let (core, topic) = (&scene.core, &subscription.topic);
    let later_first = core.strikes(Fault::LaterFirst);
    let mut position = 0;
    loop {
        poll_fn(|context| {
            let mut topics = core.topics();
            if topics.end(topic, partition) > position {
                return Poll::Ready(());
            }
            topics.wait(topic, partition, context.waker());
            Poll::Pending
        })
        .await;
        let doing = scene.busy.start();
        // The records of a moment make a batch.
        core.pause(Duration::from_micros(100), Duration::from_millis(10)).await;
        let most = core.random().between(1, subscription.batch_size as u64);
        let read = core.topics().read(topic, partition, position, usize::try_from(most).unwrap_or(1));
        position += read.len();
        let batch: Batch = read.into_iter().filter(|stored| subscription.passes(stored)).collect();
        if batch.is_empty() {
            continue;
        }
        let again = core.strikes(Fault::Duplicates).then(|| batch.clone());
        if later_first {
            let failed = lane.attempt(&batch).await;
            let doing = scene.busy.start();
            let aside = lane.clone();
            scene.spawner.spawn(async move {
                aside.deliver(failed).await;
                drop(doing);
            });
        } else {
            lane.deliver(batch).await;
        }
        if let Some(batch) = again {
            core.say(format_args!("{} gets a batch of {topic}-{partition} again", host.name));
            lane.deliver(batch).await;
        }
        drop(doing);
    }
}

/// Invokes the function once more on records of long ago, beside its lanes.
pub(in crate::simulation) async fn replay(scene: Scene, subscription: Rc<Subscription>, host: Rc<Host>) {
    let core = &scene.core;
    let partitions = core.topics().partitions(&subscription.topic) as u64;
    let partition = usize::try_from(core.random().below(partitions)).unwrap_or(0);
    let end = core.topics().end(&subscription.topic, partition) as u64;
    let from = usize::try_from(core.random().below(end)).unwrap_or(0);
    let most = usize::try_from(core.random().between(1, 20)).unwrap_or(1);
    let read = core.topics().read(&subscription.topic, partition, from, most);
    let batch: Batch = read.into_iter().filter(|stored| subscription.passes(stored)).collect();
    core.say(format_args!("{} gets {} records of long ago again", host.name, batch.len()));
    let doing = scene.busy.start();
    Lane { scene: scene.clone(), subscription, host }.deliver(batch).await;
    drop(doing);
}

impl Subscription {
    /// Every record of a topic, 100 at a time, without limits.
    #[must_use]
    pub fn to(topic: &str) -> Self {
        Subscription {
            topic: topic.to_owned(),
            batch_size: 100,
            filter: None,
            retries: None,
            record_age: None,
            bisect: false,
            on_failure: None,
        }
    }

    fn passes(&self, stored: &Stored) -> bool {
        match (&self.filter, &stored.seen) {
            (None, _) => true,
            (Some(filter), Some(seen)) => filter(seen),
            // A filter drops what is no JSON.
            (Some(_), None) => false,
        }
    }
}

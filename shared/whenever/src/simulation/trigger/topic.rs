//! A trigger on a topic: a lane for each partition.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Filter, Scene, backoff};
use crate::ports::Message;
use crate::simulation::broker::Stored;
use crate::simulation::faults::Fault;
use crate::simulation::function::{Function, Host};
use crate::simulation::sabotage::Sabotage;
use crate::{Handled, Outcome, Record};

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

type Batch = Vec<Arc<Stored>>;

/// A trigger with the function that it invokes.
#[derive(Clone)]
struct Lane {
    scene: Scene,
    subscription: Rc<Subscription>,
    host: Rc<Host>,
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

impl Lane {
    /// Invokes the function until nothing fails any more, or until the limits are reached.
    async fn deliver(&self, mut batch: Batch) {
        let Lane { scene: Scene { core, .. }, subscription, .. } = self;
        let mut attempt = 0;
        while !batch.is_empty() {
            batch = self.attempt(&batch).await;
            attempt += 1;
            let old = |stored: &Arc<Stored>| {
                let age = Duration::from_micros(core.now().saturating_sub(stored.at));
                subscription.record_age.is_some_and(|most| age > most)
            };
            if subscription.retries.is_some_and(|most| attempt > most) {
                self.give_up(std::mem::take(&mut batch), attempt, "RetryAttemptsExhausted");
            } else if batch.iter().any(old) {
                let (given_up, rest): (Batch, Batch) = batch.into_iter().partition(old);
                self.give_up(given_up, attempt, "MaximumRecordAgeExceeded");
                batch = rest;
            }
            if !batch.is_empty() {
                core.sleep(backoff(attempt)).await;
            }
        }
    }

    /// One invocation; answers what is to be delivered again.
    async fn attempt(&self, batch: &Batch) -> Batch {
        if batch.is_empty() {
            return Batch::new();
        }
        if matches!(self.scene.core.sabotage, Some(Sabotage::KeyStop)) && batch.len() > 1 {
            return self.attempt_each(batch).await;
        }
        match self.invoke(batch).await {
            Some(handled) => self.failed(batch, &handled),
            None if self.subscription.bisect && batch.len() > 1 => {
                let (first, second) = batch.split_at(batch.len() / 2);
                let mut failed = Box::pin(self.attempt(&first.to_vec())).await;
                failed.extend(Box::pin(self.attempt(&second.to_vec())).await);
                failed
            }
            None => batch.clone(),
        }
    }

    /// Sabotage: what follows a record that failed is attempted all the same.
    async fn attempt_each(&self, batch: &Batch) -> Batch {
        let mut all = Vec::with_capacity(batch.len());
        for stored in batch {
            let one = self.invoke(std::slice::from_ref(stored)).await;
            let no_answer = || vec![Handled { event: None, outcome: Outcome::Failed("no answer".to_owned()) }];
            all.extend(one.unwrap_or_else(no_answer));
        }
        self.failed(batch, &all)
    }

    async fn invoke(&self, batch: &[Arc<Stored>]) -> Option<Vec<Handled>> {
        let records: Vec<Record> = batch.iter().map(|stored| stored.record.clone()).collect();
        let run = async |function: &Function, invocation| match function {
            Function::Policy(policy) => policy.run(&records, &invocation).await,
            Function::Projection(projection) => projection.run(&records, &invocation).await,
            Function::Webhook(webhook) => webhook.run(&records, &invocation).await,
            Function::Collector(collector) => collector.run(&records, &invocation).await,
            // Not what a topic's trigger invokes: nothing is handled, and the limits will tell.
            Function::Relay(_) | Function::Sweep(_) | Function::Api(_) => Vec::new(),
        };
        self.host.invoke(run).await.filter(|handled| handled.len() == records.len())
    }

    /// The records that failed. A later record of the same key must have failed with them.
    fn failed(&self, batch: &Batch, handled: &[Handled]) -> Batch {
        let core = &self.scene.core;
        let mut failed = Batch::new();
        let mut keys = BTreeSet::new();
        for (stored, handled) in batch.iter().zip(handled) {
            let Record { topic, partition, offset, key, .. } = &stored.record;
            if let Outcome::Failed(why) = &handled.outcome {
                core.say(format_args!("{} fails on {topic}-{partition}/{offset}: {why}", self.host.name));
                keys.insert(key);
                failed.push(stored.clone());
            } else if handled.outcome == Outcome::Done && keys.contains(key) {
                core.history().violate(format!(
                    "{} carried {topic}-{partition}/{offset} out although an earlier record of its key had failed",
                    self.host.name
                ));
            }
        }
        failed
    }

    /// Tells the failure destination what was given up, as Lambda does.
    fn give_up(&self, batch: Batch, attempts: u32, condition: &str) {
        let core = &self.scene.core;
        core.say(format_args!("{} is given up on {} records: {condition}", self.host.name, batch.len()));
        let Some(topic) = &self.subscription.on_failure else { return };
        let mut records: Map<String, Value> = Map::new();
        for stored in &batch {
            let Record { topic, partition, offset, timestamp, key, value, .. } = &stored.record;
            let bytes = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| STANDARD.encode(bytes));
            let record = json!({
                "topic": topic, "partition": partition, "offset": offset, "timestamp": timestamp.millis(),
                "key": bytes(key), "value": bytes(value), "headers": [],
            });
            match records.entry(format!("{topic}-{partition}")).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(list) => list.push(record),
                _ => continue,
            }
        }
        let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{}", self.host.name);
        let given_up = json!({
            "requestContext": { "functionArn": arn, "condition": condition, "approximateInvokeCount": attempts },
            "payload": { "records": records },
        });
        let value = given_up.to_string().into_bytes();
        core.topics().append(core, Message { topic: topic.clone(), key: String::new(), value });
    }
}

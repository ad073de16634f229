//! One batch of a partition: invoked until nothing fails any more, or until the limits are reached.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::{Scene, Subscription, backoff};
use crate::simulation::function::{Function, Host};
use crate::simulation::sabotage::Sabotage;
use crate::simulation::topics::Stored;
use crate::{Handled, Outcome, Record};

/// Records of one partition, in their order.
pub(super) type Batch = Vec<Arc<Stored>>;

/// A trigger with the function that it invokes.
#[derive(Clone)]
pub(super) struct Lane {
    pub(super) scene: Scene,
    pub(super) subscription: Rc<Subscription>,
    pub(super) host: Rc<Host>,
}

impl Lane {
    /// Invokes the function until nothing fails any more, or until the limits are reached.
    pub(super) async fn deliver(&self, mut batch: Batch) {
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
    pub(super) async fn attempt(&self, batch: &Batch) -> Batch {
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
}

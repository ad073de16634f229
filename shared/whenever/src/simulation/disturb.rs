//! What disturbs a run from outside of its calls: outages, partitions that are added, records that come again.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::broker::SimulatedBroker;
use super::faults::Fault;
use super::function::Host;
use super::trigger::{self, Scene, Subscription};

/// How often each kind is thought of, and how long an outage lasts.
const EVERY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
const OUTAGE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(90));

/// How many batches come again long after everything has settled, and how long after.
const LONG_AFTER: (usize, Duration) = (40, Duration::from_secs(1_200));

type Subscriptions = [(Rc<Subscription>, Rc<Host>)];

/// Starts what disturbs this run, until it is calm.
pub(super) fn start(
    scene: &Scene,
    broker: &Arc<SimulatedBroker>,
    hosts: &BTreeMap<String, Rc<Host>>,
    subscriptions: &Subscriptions,
) {
    let hosts: Vec<Rc<Host>> = hosts.values().cloned().collect();
    let subscriptions: Rc<Subscriptions> = subscriptions.into();
    let (outages, broken, growth, replays) = (scene.clone(), scene.clone(), scene.clone(), scene.clone());
    let broker = broker.clone();
    scene.spawner.spawn(every(scene.clone(), Fault::Outages, move || {
        let (host, time) = {
            let mut random = outages.core.random();
            (random.pick(&hosts).clone(), random.span(OUTAGE.0, OUTAGE.1))
        };
        host.fail_for(time);
    }));
    scene.spawner.spawn(every(scene.clone(), Fault::BrokerOutages, move || {
        let time = broken.core.random().span(OUTAGE.0, OUTAGE.1 / 4);
        broker.fail_for(time);
    }));
    let grown = subscriptions.clone();
    scene.spawner.spawn(every(scene.clone(), Fault::Growth, move || grow(&growth, &grown)));
    scene.spawner.spawn(every(scene.clone(), Fault::Replays, move || again(&replays, &subscriptions)));
}

/// Disturbs now and then. Of the kinds that strike per call, a rate is small: here every second thought is one.
async fn every(scene: Scene, fault: Fault, mut disturb: impl FnMut()) {
    let core = &scene.core;
    if !core.faults.has(fault) {
        return;
    }
    loop {
        core.pause(EVERY.0, EVERY.1).await;
        if core.is_calm() {
            return;
        }
        if core.random().chance(0.5) {
            disturb();
        }
    }
}

/// Some records of long ago come once more.
pub(super) fn long_after(scene: &Scene, subscriptions: &Subscriptions) {
    if !scene.core.faults.has(Fault::Replays) || subscriptions.is_empty() {
        return;
    }
    let (scene, subscriptions): (_, Rc<Subscriptions>) = (scene.clone(), subscriptions.into());
    let doing = scene.busy.start();
    scene.spawner.clone().spawn(async move {
        let (count, time) = LONG_AFTER;
        scene.core.sleep(time).await;
        for _ in 0..count {
            again(&scene, &subscriptions);
            scene.core.pause(Duration::ZERO, Duration::from_millis(50)).await;
        }
        drop(doing);
    });
}

fn again(scene: &Scene, subscriptions: &Subscriptions) {
    let (subscription, host) = scene.core.random().pick(subscriptions).clone();
    scene.spawner.spawn(trigger::replay(scene.clone(), subscription, host));
}

/// Gives a topic one more partition, and every trigger on it a lane for it.
fn grow(scene: &Scene, subscriptions: &Subscriptions) {
    const MOST: usize = 6;
    let topic = scene.core.random().pick(subscriptions).0.topic.clone();
    let partitions = scene.core.topics().partitions(&topic);
    if partitions >= MOST {
        return;
    }
    scene.core.say(format_args!("{topic} has {} partitions now", partitions + 1));
    scene.core.topics().add(&topic, partitions + 1);
    for (subscription, host) in subscriptions.iter().filter(|(subscription, _)| subscription.topic == topic) {
        scene.spawner.spawn(trigger::listen(scene.clone(), subscription.clone(), host.clone(), partitions));
    }
}

//! One run: what is in it, and how it goes.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::broker::SimulatedBroker;
use super::core::Core;
use super::disturb;
use super::executor::{Executor, Spawner};
use super::faults::Faults;
use super::function::Host;
use super::order;
use super::outside::SimulatedOutside;
use super::random::Random;
use super::setup::Setup;
use super::trigger::{self, Busy, Scene, Subscription};

/// How long everything may take to settle once nothing goes wrong any more. Pauses between attempts grow to half a minute.
const SETTLES_WITHIN: Duration = Duration::from_secs(2 * 3600);

/// A simulated deployment.
pub struct Simulation {
    pub(super) scene: Scene,
    executor: Executor,
    pub(super) broker: Arc<SimulatedBroker>,
    pub(super) outside: Arc<SimulatedOutside>,
    pub(super) hosts: BTreeMap<String, Rc<Host>>,
    pub(super) subscriptions: Vec<(Rc<Subscription>, Rc<Host>)>,
}

/// After all faults were over, something was still under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSettled;

impl Simulation {
    /// A deployment with nothing in it.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let mut random = Random::new(setup.seed);
        let faults = setup.faults.drawn(&mut random);
        let core = Core::new(random, faults, setup.sabotage, setup.keep_history);
        let spawner = Spawner::default();
        Simulation {
            executor: Executor::new(core.clone(), spawner.clone()),
            broker: Arc::new(SimulatedBroker::new(core.clone())),
            outside: Arc::new(SimulatedOutside::new(core.clone())),
            hosts: BTreeMap::new(),
            subscriptions: Vec::new(),
            scene: Scene { core, spawner, busy: Rc::new(Busy::default()) },
        }
    }

    /// What may go wrong in this run.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.core().faults
    }

    /// Runs with faults for this long, then until everything has settled, then once more with records of long ago.
    ///
    /// # Errors
    ///
    /// [`NotSettled`] where something is still under way after two hours without faults.
    pub fn run(&mut self, faults: Duration) -> Result<(), NotSettled> {
        for (subscription, host) in &self.subscriptions {
            for partition in 0..self.core().topics().partitions(&subscription.topic) {
                let lane = trigger::listen(self.scene.clone(), subscription.clone(), host.clone(), partition);
                self.scene.spawner.spawn(lane);
            }
        }
        disturb::start(&self.scene, &self.broker, &self.hosts, &self.subscriptions);
        let end = self.core().now() + micros(faults);
        while self.core().now() < end && self.executor.step() {}
        self.core().say(format_args!("from here on nothing goes wrong"));
        self.core().calm_down();
        self.settle()?;
        disturb::long_after(&self.scene, &self.subscriptions);
        self.settle()?;
        for violation in order::violations(self.core()) {
            self.history().violate(violation);
        }
        Ok(())
    }

    /// Does this and nothing else, and answers what comes of it; `None` if it never ends. No topic or stream invokes anything meanwhile.
    pub fn alone<T: 'static>(&mut self, work: impl Future<Output = T> + 'static) -> Option<T> {
        let done = Rc::new(Cell::new(None));
        let tell = done.clone();
        self.scene.spawner.spawn(async move { tell.set(Some(work.await)) });
        while self.executor.step() {
            if let Some(answer) = done.take() {
                return Some(answer);
            }
        }
        None
    }

    fn settle(&mut self) -> Result<(), NotSettled> {
        let end = self.core().now() + micros(SETTLES_WITHIN);
        let mut next = self.core().now();
        while self.core().now() < end {
            if !self.executor.step() {
                return if self.is_settled() { Ok(()) } else { Err(NotSettled) };
            }
            if self.core().now() >= next && self.executor.is_waiting() {
                if self.is_settled() {
                    return Ok(());
                }
                next = self.core().now() + micros(Duration::from_secs(1));
            }
        }
        Err(NotSettled)
    }

    /// Nothing is under way, nothing is still to come, and no aggregate waits for its deadline.
    fn is_settled(&self) -> bool {
        self.scene.busy.is_idle()
            && self.core().outstanding.load(Relaxed) == 0
            && !self.core().tables().hold_deadlines()
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.scene.core
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation").field("functions", &self.hosts.keys()).finish_non_exhaustive()
    }
}

impl fmt::Display for NotSettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something was still under way long after the last fault")
    }
}

impl std::error::Error for NotSettled {}

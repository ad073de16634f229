//! Functions and their processes, which die in the middle of anything.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::clock::{ProcessClock, SeededEntropy};
use super::core::Core;
use super::faults::Fault;
use super::store::SimulatedStore;
use crate::http::Api;
use crate::ports::Platform;
use crate::{Answer, Collector, Invocation, Needs, Payload, Policy, Projection, Relay, Sweep, Webhook};

/// Any function, as it ships.
#[expect(missing_docs, reason = "each is what its type is")]
#[derive(Debug)]
pub enum Function {
    Policy(Policy),
    Projection(Projection),
    Webhook(Webhook),
    Collector(Collector),
    Relay(Relay),
    Sweep(Sweep),
    Api(Api),
}

macro_rules! from {
    ($($kind:ident),+) => {$(
        impl From<$kind> for Function {
            fn from(function: $kind) -> Self {
                Function::$kind(function)
            }
        }
    )+};
}

from!(Policy, Projection, Webhook, Collector, Relay, Sweep, Api);

macro_rules! each {
    ($function:expr, $kind:pat => $answer:expr) => {
        match $function {
            Function::Policy($kind) => $answer,
            Function::Projection($kind) => $answer,
            Function::Webhook($kind) => $answer,
            Function::Collector($kind) => $answer,
            Function::Relay($kind) => $answer,
            Function::Sweep($kind) => $answer,
            Function::Api($kind) => $answer,
        }
    };
}

impl crate::Function for Function {
    fn name(&self) -> &'static str {
        each!(self, function => function.name())
    }

    fn needs(&self) -> Needs {
        each!(self, function => function.needs())
    }

    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer {
        each!(self, function => function.invoke(payload, invocation).await)
    }
}

/// A crash comes within this time of an invocation's start, or not at all.
const CRASHES_WITHIN: Duration = Duration::from_millis(60);

/// A function with its processes.
pub(super) struct Host {
    pub(super) name: String,
    core: Arc<Core>,
    make: Box<dyn Fn() -> Function>,
    timeout: Duration,
    idle: RefCell<Vec<Process>>,
    /// It cannot be invoked before this.
    down_until: Cell<u64>,
    /// How much slower than others it is.
    drag: Duration,
}

/// One process. What it remembers dies with it.
struct Process {
    function: Rc<Function>,
    platform: Platform,
}

impl Host {
    pub(super) fn new(core: &Arc<Core>, name: &str, timeout: Duration, make: Box<dyn Fn() -> Function>) -> Self {
        let slow = core.faults.has(Fault::Slowness) && core.random().chance(0.2);
        let drag =
            if slow { core.random().span(Duration::from_millis(100), Duration::from_secs(4)) } else { Duration::ZERO };
        Host {
            name: name.to_owned(),
            core: core.clone(),
            make,
            timeout,
            idle: RefCell::default(),
            down_until: Cell::new(0),
            drag,
        }
    }

    /// Cannot be invoked for a while.
    pub(super) fn fail_for(&self, time: Duration) {
        self.core.say(format_args!("{} is down for {} ms", self.name, time.as_millis()));
        self.down_until.set(self.core.now().saturating_add(u64::try_from(time.as_micros()).unwrap_or(0)));
    }

    /// Invokes it; `None` if it cannot be, if its process dies, or if its answer is lost.
    pub(super) async fn invoke<T>(&self, work: impl AsyncFnOnce(&Function, Invocation) -> T) -> Option<T> {
        let core = &self.core;
        if core.now() < self.down_until.get() && !core.is_calm() {
            return None;
        }
        if !self.drag.is_zero() && !core.is_calm() {
            core.pause(Duration::ZERO, self.drag).await;
        }
        let process = self.process();
        let function = process.function.clone();
        let deadline = process.platform.clock.now().plus(self.timeout);
        let work = work(&function, Invocation::ending_at(process.platform.clone(), deadline));
        let answer = if core.strikes(Fault::Crashes) {
            let end = core.pause(Duration::ZERO, CRASHES_WITHIN);
            match select(Box::pin(work), end).await {
                Either::Left((answer, _)) => Some(answer),
                Either::Right(_) => None,
            }
        } else {
            Some(work.await)
        };
        if answer.is_none() {
            core.say(format_args!("{} crashes", self.name));
            return None;
        }
        self.idle.borrow_mut().push(process);
        if core.strikes(Fault::LostAnswers) {
            core.say(format_args!("the answer of {} is lost", self.name));
            return None;
        }
        answer
    }

    /// One of the processes that have nothing to do, or a new one.
    fn process(&self) -> Process {
        let mut idle = self.idle.borrow_mut();
        if !idle.is_empty() {
            let at = self.core.random().below(idle.len() as u64);
            return idle.swap_remove(usize::try_from(at).unwrap_or(0));
        }
        let function = (self.make)();
        let needs = crate::Function::needs(&function);
        Process {
            function: Rc::new(function),
            platform: Platform {
                store: Arc::new(SimulatedStore { core: self.core.clone(), needs }),
                clock: Arc::new(ProcessClock::new(&self.core)),
                entropy: Arc::new(SeededEntropy(self.core.clone())),
            },
        }
    }
}

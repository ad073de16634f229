//! Runs tasks one after another on one thread, in an order that depends on the seed alone.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

use super::core::Core;
use super::timers::Due;
use super::{broker, store};

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Starts tasks from within tasks.
#[derive(Clone, Default)]
pub(super) struct Spawner(Rc<RefCell<Vec<Work>>>);

impl Spawner {
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        self.0.borrow_mut().push(Box::pin(work));
    }
}

/// The tasks of a simulation.
pub(super) struct Executor {
    core: Arc<Core>,
    spawner: Spawner,
    ready: Arc<Ready>,
    tasks: Vec<Option<Task>>,
    free: Vec<usize>,
}

/// The tasks that can go on.
#[derive(Default)]
struct Ready(Mutex<VecDeque<usize>>);

struct Task {
    work: Work,
    bell: Arc<Bell>,
    waker: Waker,
}

/// Wakes one task. It is queued once, however often it is rung. Timers and topics keep bells: one that kept the [`Core`] would keep it
/// for ever.
struct Bell {
    ready: Arc<Ready>,
    task: usize,
    rung: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        if !self.rung.swap(true, Relaxed) {
            self.ready.queue().push_back(self.task);
        }
    }
}

impl Ready {
    fn queue(&self) -> MutexGuard<'_, VecDeque<usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Executor {
    pub(super) fn new(core: Arc<Core>, spawner: Spawner) -> Self {
        Executor { core, spawner, ready: Arc::default(), tasks: Vec::new(), free: Vec::new() }
    }

    /// Does the next thing; false if there is nothing left to do.
    pub(super) fn step(&mut self) -> bool {
        self.adopt();
        let task = self.ready.queue().pop_front();
        if let Some(task) = task {
            self.poll(task);
            return true;
        }
        match self.core.advance() {
            Some(Due::Wake(waker)) => waker.wake(),
            Some(Due::Write(puts)) => store::write_late(&self.core, puts),
            Some(Due::Publish(message)) => broker::publish_late(&self.core, message),
            None => return false,
        }
        true
    }

    /// Whether nothing can go on before time does.
    pub(super) fn is_waiting(&self) -> bool {
        self.spawner.0.borrow().is_empty() && self.ready.queue().is_empty()
    }

    fn adopt(&mut self) {
        for work in self.spawner.0.take() {
            let task = self.free.pop().unwrap_or_else(|| {
                self.tasks.push(None);
                self.tasks.len() - 1
            });
            let bell = Arc::new(Bell { ready: self.ready.clone(), task, rung: AtomicBool::new(true) });
            self.tasks[task] = Some(Task { work, waker: bell.clone().into(), bell });
            self.ready.queue().push_back(task);
        }
    }

    fn poll(&mut self, at: usize) {
        let Some(task) = self.tasks[at].as_mut() else { return };
        task.bell.rung.store(false, Relaxed);
        if task.work.as_mut().poll(&mut Context::from_waker(&task.waker)).is_ready() {
            self.tasks[at] = None;
            self.free.push(at);
        }
    }
}

impl Drop for Executor {
    /// Tasks that were not begun may hold the spawner that holds them.
    fn drop(&mut self) {
        self.spawner.0.take();
    }
}

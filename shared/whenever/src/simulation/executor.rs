//! Runs tasks one after another on one thread, in an order that depends on the seed alone.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
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
    tasks: Vec<Option<Task>>,
    free: Vec<usize>,
}

struct Task {
    work: Work,
    bell: Arc<Bell>,
    waker: Waker,
}

/// Wakes one task. It is queued once, however often it is rung.
struct Bell {
    core: Arc<Core>,
    task: usize,
    rung: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        if !self.rung.swap(true, Relaxed) {
            self.core.enqueue(self.task);
        }
    }
}

impl Executor {
    pub(super) fn new(core: Arc<Core>, spawner: Spawner) -> Self {
        Executor { core, spawner, tasks: Vec::new(), free: Vec::new() }
    }

    /// Does the next thing; false if there is nothing left to do.
    pub(super) fn step(&mut self) -> bool {
        self.adopt();
        if let Some(task) = self.core.next_ready() {
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
        self.spawner.0.borrow().is_empty() && !self.core.has_ready()
    }

    fn adopt(&mut self) {
        for work in self.spawner.0.take() {
            let task = self.free.pop().unwrap_or_else(|| {
                self.tasks.push(None);
                self.tasks.len() - 1
            });
            let bell = Arc::new(Bell { core: self.core.clone(), task, rung: AtomicBool::new(true) });
            self.tasks[task] = Some(Task { work, waker: bell.clone().into(), bell });
            self.core.enqueue(task);
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

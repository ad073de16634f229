//! A function's processes: invocations queue for a free one, and a process is started when there is none.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::error::InvokeError;
use super::fault::Fault;
use super::job::Job;
use super::launch::Launch;
use super::line::{LONGEST, Line};
use super::output::Output;
use super::process::{Ended, Process};
use crate::template::{Function, arn};

/// A process that does not come as far as asking for an event is started again after this long, then twice as long, …
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Starts that fail one after the other until what waits for a process is answered with that.
const ATTEMPTS: u32 = 2;

/// One function and its processes.
#[derive(Debug)]
pub(super) struct Pool {
    function: Function,
    arn: HeaderValue,
    pub(super) launch: Launch,
    pub(super) output: Output,
    /// Of those who wait at the HTTP API.
    pub(super) line: Line,
    pub(super) fault: watch::Sender<Fault>,
    pub(super) invocations: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) billed_ms: AtomicU64,
    state: Mutex<State>,
    /// How many processes there are, also those being started or ended.
    slots: watch::Sender<usize>,
    /// Changed under the state's lock only.
    stopping: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Processes that wait for a job, the latest last: it is the one used next, so that what is too many ages.
    idle: Vec<(u64, oneshot::Sender<Job>)>,
    processes: Vec<Arc<Process>>,
    /// Processes that have not asked for an event yet.
    starting: usize,
    next_serial: u64,
    /// Starts that failed since one succeeded.
    failures: u32,
    not_before: Option<Instant>,
}

impl Pool {
    pub(super) fn new(function: Function, launch: Launch, output: Output) -> Self {
        let arn = HeaderValue::from_str(&arn::function(&function.name));
        Self {
            arn: arn.unwrap_or_else(|_| HeaderValue::from_static("arn:aws:lambda")),
            line: Line::new(function.concurrency, LONGEST),
            function,
            launch,
            output,
            fault: watch::Sender::default(),
            invocations: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            billed_ms: AtomicU64::new(0),
            state: Mutex::default(),
            slots: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        }
    }

    pub(super) fn function(&self) -> &Function {
        &self.function
    }

    pub(super) fn arn(&self) -> HeaderValue {
        self.arn.clone()
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.state().processes.iter().map(|process| process.pid).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Counts the time of an invocation as Lambda bills it: each started millisecond whole.
    pub(super) fn bill(&self, took: Duration) {
        let ms = u64::try_from(took.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        self.billed_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Hands the job to an idle process, or queues it and sees to it that there will be one.
    pub(super) fn submit(self: &Arc<Self>, mut job: Job) {
        self.invocations.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state();
        if self.is_stopping() {
            return job.answer(Err(InvokeError::Stopping));
        }
        while let Some((_, process)) = state.idle.pop() {
            match process.send(job) {
                Ok(()) => return,
                // Its connection broke meanwhile.
                Err(returned) => job = returned,
            }
        }
        state.waiting.push_back(job);
        self.start_missing(&mut state);
    }

    fn start_missing(self: &Arc<Self>, state: &mut State) {
        while !self.is_stopping()
            && state.starting < state.waiting.len()
            && *self.slots.borrow() < self.function.concurrency
        {
            state.starting += 1;
            state.next_serial += 1;
            self.slots.send_modify(|slots| *slots += 1);
            let (pool, serial, not_before) = (Arc::clone(self), state.next_serial, state.not_before);
            tokio::spawn(async move {
                if let Some(not_before) = not_before {
                    let mut stopping = pool.stopping.subscribe();
                    let stopped = stopping.wait_for(|stopping| *stopping);
                    tokio::time::timeout_at(not_before, stopped).await.ok();
                }
                pool.supervise(serial).await;
                pool.slots.send_modify(|slots| *slots -= 1);
                let mut state = pool.state();
                pool.start_missing(&mut state);
            });
        }
    }

    /// The next job for this process; waits for one.
    pub(super) async fn next_job(&self, process: &Process) -> Job {
        let job = {
            let first = process.asks();
            let mut state = self.state();
            if first {
                state.starting -= 1;
                (state.failures, state.not_before) = (0, None);
            }
            let (sender, job) = oneshot::channel();
            if state.processes.iter().any(|known| known.serial == process.serial) {
                match state.waiting.pop_front() {
                    Some(job) => return job,
                    None => state.idle.push((process.serial, sender)),
                }
            }
            job
        };
        match job.await {
            Ok(job) => job,
            // It has ended, or is about to be killed.
            Err(_) => std::future::pending().await,
        }
    }

    /// Takes note of a new process; false if the pool is stopping.
    pub(super) fn add(&self, process: &Arc<Process>) -> bool {
        let mut state = self.state();
        state.processes.push(Arc::clone(process));
        !self.is_stopping()
    }

    /// Takes an idle process out of use; false if it just got a job.
    pub(super) fn retire(&self, process: &Process) -> bool {
        let mut state = self.state();
        let before = state.idle.len();
        state.idle.retain(|(serial, _)| *serial != process.serial);
        state.idle.len() < before
    }

    /// A process has ended: answers what it leaves behind, and says so where that was not expected.
    pub(super) fn remove(&self, process: &Process, how: &str) {
        let (ended, why) = process.ended();
        let mut state = self.state();
        state.idle.retain(|(serial, _)| *serial != process.serial);
        state.processes.retain(|known| known.serial != process.serial);
        drop(state);
        let stopping = self.is_stopping();
        let known = why.is_some();
        let why = why.unwrap_or_else(|| how.to_owned());
        match ended {
            Ended::Starting => return self.start_failed(&why),
            Ended::Idle if !known => return,
            Ended::Idle => {}
            Ended::Running(job) if stopping => return job.answer(Err(InvokeError::Stopping)),
            Ended::Running(job) => job.answer(Err(InvokeError::Crashed(why.clone()))),
        }
        self.launch.say(&format!("{}: its process ended during an invocation: {why}", self.function.name));
    }

    /// A process did not come as far as asking for an event: if it was not the first and no other one works, what waits
    /// is answered.
    pub(super) fn start_failed(&self, why: &str) {
        let mut state = self.state();
        state.starting -= 1;
        if self.is_stopping() {
            return;
        }
        let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(state.failures)).min(LONGEST_PAUSE);
        state.failures += 1;
        state.not_before = Some(Instant::now() + pause);
        let hopeless = state.failures >= ATTEMPTS && state.processes.is_empty();
        let abandoned = if hopeless { std::mem::take(&mut state.waiting) } else { VecDeque::new() };
        drop(state);
        self.launch.say(&format!("{} does not start: {why}", self.function.name));
        for job in abandoned {
            job.answer(Err(InvokeError::Init(why.to_owned())));
        }
    }

    /// Kills every process and waits until they have ended; what they work on crashes, what comes meanwhile does not.
    pub(super) async fn kill(&self) -> Vec<u32> {
        let killed = {
            let mut state = self.state();
            state.idle.clear();
            state.processes.clone()
        };
        for process in &killed {
            process.kill();
        }
        let mut slots = self.slots.subscribe();
        let runs = |process: &Arc<Process>| self.state().processes.iter().any(|known| known.serial == process.serial);
        while killed.iter().any(runs) && slots.changed().await.is_ok() {}
        killed.iter().map(|process| process.pid).collect()
    }

    /// Takes no more jobs, kills every process, and waits until all have ended.
    pub(super) async fn stop(&self) {
        let waiting = {
            let mut state = self.state();
            self.stopping.send_replace(true);
            std::mem::take(&mut state.waiting)
        };
        for job in waiting {
            job.answer(Err(InvokeError::Stopping));
        }
        self.kill().await;
        self.slots.subscribe().wait_for(|slots| *slots == 0).await.ok();
    }
}

//! One process of a function: what it works on, and since when.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::error::InvokeError;
use super::job::{Answer, Job};

/// A process has this long to ask for its first event. Lambda gives it 10 s; a laptop that is compiling is slower.
const START_LIMIT: Duration = Duration::from_secs(30);

/// An idle process is ended after this long.
const IDLE_LIMIT: Duration = Duration::from_secs(300);

/// One process.
#[derive(Debug)]
pub(super) struct Process {
    /// Unlike a pid, never given out twice.
    pub(super) serial: u64,
    pub(super) pid: u32,
    /// [`IDLE_LIMIT`], but for tests.
    pub(super) idle_limit: Duration,
    state: Mutex<State>,
    kill: Notify,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Why the process is ending, where that is known before it ends.
    last_words: Option<String>,
}

#[derive(Debug)]
enum Phase {
    Starting,
    Idle,
    Running {
        job: Job,
        began: Instant,
        deadline: Instant,
    },
    /// Its invocation lasts until it asks for the next event.
    Answered {
        deadline: Instant,
    },
}

/// What the clock says about a process.
#[derive(Debug)]
pub(super) enum Due {
    /// Nothing; look again then.
    Later(Instant),
    /// It has to be killed: it did not start in time, or its invocation timed out.
    Overdue,
    /// It was idle for long.
    LongIdle,
}

impl Process {
    pub(super) fn new(serial: u64, pid: u32) -> Self {
        let state = State { phase: Phase::Starting, since: Instant::now(), last_words: None };
        Self { serial, pid, idle_limit: IDLE_LIMIT, state: Mutex::new(state), kill: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It asks for an event; whether this is the first time. An invocation it never answered is dropped.
    pub(super) fn asks(&self) -> bool {
        let mut state = self.state();
        state.since = Instant::now();
        matches!(std::mem::replace(&mut state.phase, Phase::Idle), Phase::Starting)
    }

    /// An invocation was handed to it.
    pub(super) fn deliver(&self, job: Job, timeout: Duration) {
        let began = Instant::now();
        self.state().phase = Phase::Running { job, began, deadline: began + timeout };
    }

    /// It answers: how long it took, or `None` if that is not the invocation it works on.
    pub(super) fn answer(&self, id: &str, answer: Answer) -> Option<Duration> {
        let mut state = self.state();
        match std::mem::replace(&mut state.phase, Phase::Idle) {
            Phase::Running { job, began, deadline } if job.id == id => {
                state.phase = Phase::Answered { deadline };
                job.answer(answer);
                Some(began.elapsed())
            }
            other => {
                state.phase = other;
                None
            }
        }
    }

    /// It says that it cannot start.
    pub(super) fn init_failed(&self, message: String) {
        self.state().last_words = Some(message);
    }

    /// What is due; answers an invocation that timed out.
    pub(super) fn due(&self, timeout: Duration) -> Due {
        let now = Instant::now();
        let mut state = self.state();
        match &state.phase {
            Phase::Starting if state.since + START_LIMIT <= now => {
                state.last_words = Some(format!("it asked for no event within {} s", START_LIMIT.as_secs()));
                Due::Overdue
            }
            // Whatever is delivered from now on has its deadline after this.
            Phase::Starting => Due::Later((now + timeout).min(state.since + START_LIMIT)),
            Phase::Idle if state.since + self.idle_limit <= now => Due::LongIdle,
            Phase::Idle => Due::Later(now + timeout.min(self.idle_limit / 5)),
            Phase::Running { deadline, .. } | Phase::Answered { deadline } if *deadline > now => Due::Later(*deadline),
            Phase::Answered { .. } => {
                state.phase = Phase::Idle;
                let limit = timeout.as_secs_f64();
                state.last_words = Some(format!("it answered and asked for no other event within {limit} s"));
                Due::Overdue
            }
            Phase::Running { .. } => {
                if let Phase::Running { job, .. } = std::mem::replace(&mut state.phase, Phase::Idle) {
                    job.answer(Err(InvokeError::TimedOut(timeout)));
                }
                state.last_words = Some(format!("timed out after {} s", timeout.as_secs_f64()));
                Due::Overdue
            }
        }
    }

    /// It has ended: how far it had come, and what is known about why.
    pub(super) fn ended(&self) -> (Ended, Option<String>) {
        let mut state = self.state();
        let ended = match std::mem::replace(&mut state.phase, Phase::Idle) {
            Phase::Starting => Ended::Starting,
            Phase::Idle | Phase::Answered { .. } => Ended::Idle,
            Phase::Running { job, .. } => Ended::Running(job),
        };
        (ended, state.last_words.take())
    }

    /// Has it killed.
    pub(super) fn kill(&self) {
        self.kill.notify_one();
    }

    /// Waits until someone wants it killed.
    pub(super) async fn killed(&self) {
        self.kill.notified().await;
    }
}

/// What a process was doing when it ended.
#[derive(Debug)]
pub(super) enum Ended {
    Starting,
    Idle,
    Running(Job),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::job::Job;
    use bytes::Bytes;
    use tokio::sync::oneshot::Receiver;

    const LONG: Duration = Duration::from_secs(60);

    fn job(id: &str) -> (Job, Receiver<Answer>) {
        Job::new(id.to_owned(), Bytes::new(), None)
    }

    #[test]
    fn only_the_invocation_it_works_on_is_answered() {
        let process = Process::new(1, 1);
        assert!(process.asks());
        let (job, mut answer) = job("a");
        process.deliver(job, LONG);
        assert!(process.answer("b", Ok(Bytes::new())).is_none());
        assert!(process.answer("a", Ok(Bytes::from_static(b"1"))).is_some());
        assert!(process.answer("a", Ok(Bytes::new())).is_none());
        assert_eq!(answer.try_recv().unwrap().unwrap(), "1");
        assert!(!process.asks());
    }

    #[test]
    fn what_is_overdue_is_answered_at_once() {
        let process = Process::new(1, 1);
        process.asks();
        let (job, mut answer) = job("a");
        process.deliver(job, Duration::ZERO);
        assert!(matches!(process.due(Duration::ZERO), Due::Overdue));
        assert!(matches!(answer.try_recv().unwrap(), Err(InvokeError::TimedOut(_))));
        let (ended, why) = process.ended();
        assert!(matches!(ended, Ended::Idle));
        assert_eq!(why.as_deref(), Some("timed out after 0 s"));
    }

    #[test]
    fn who_answers_and_asks_for_nothing_more_is_overdue_when_the_invocation_would_be() {
        let process = Process::new(1, 1);
        process.asks();
        let (first, _first) = job("a");
        process.deliver(first, LONG);
        assert!(process.answer("a", Ok(Bytes::new())).is_some());
        assert!(process.answer("b", Ok(Bytes::new())).is_none());
        assert!(matches!(process.due(LONG), Due::Later(wake) if wake > Instant::now()));
        assert!(!process.asks());
        let (second, mut answer) = job("b");
        process.deliver(second, Duration::ZERO);
        assert!(process.answer("b", Ok(Bytes::new())).is_some());
        assert!(matches!(process.due(Duration::ZERO), Due::Overdue));
        assert!(answer.try_recv().unwrap().is_ok());
        let (ended, why) = process.ended();
        assert!(matches!(ended, Ended::Idle));
        assert!(why.unwrap().contains("asked for no other event"));
    }

    #[test]
    fn it_looks_again_before_anything_delivered_meanwhile_can_be_overdue() {
        let process = Process::new(1, 1);
        let timeout = Duration::from_secs(1);
        for _ in 0..2 {
            let Due::Later(wake) = process.due(timeout) else { panic!("due at once") };
            assert!(wake <= Instant::now() + timeout);
            process.asks();
        }
    }

    #[test]
    fn an_invocation_left_behind_is_handed_back_or_counts_as_lost() {
        let process = Process::new(1, 1);
        let (left, _answer) = job("a");
        process.deliver(left, LONG);
        assert!(matches!(process.ended(), (Ended::Running(job), None) if job.id == "a"));
        let (dropped, mut answer) = job("b");
        process.deliver(dropped, LONG);
        process.asks();
        assert!(answer.try_recv().is_err());
    }
}

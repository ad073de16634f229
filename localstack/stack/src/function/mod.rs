//! The template's functions as processes: built, started on demand, invoked through the Lambda Runtime API.

mod build;
mod error;
mod fault;
mod ids;
mod job;
mod launch;
mod line;
mod logs;
mod output;
mod pool;
mod process;
mod runtime_api;
mod spawner;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::future::join_all;
use serde::Serialize;

pub(crate) use build::binary;
pub use build::{Build, BuildError, binaries};
pub use error::InvokeError;
pub use fault::Fault;
pub(crate) use ids::Ids;
pub use logs::Logs;
pub(crate) use runtime_api::PAYLOAD_LIMIT;
pub use spawner::Spawner;

use crate::Say;
use crate::journal::Journal;
use crate::template::Function;
use job::{Flight, Job};
use launch::Launch;
use output::Output;
use pool::Pool;

/// Where an AWS SDK looks for credentials.
pub(crate) const CREDENTIALS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// The secret for a store that asks for one and does not look at it.
pub(crate) const NO_SECRET: &str = "local";

/// Who asked for an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A Kafka or stream trigger.
    Trigger,
    /// A schedule; its invocations do not keep the stack from being settled.
    Schedule,
    /// The HTTP API.
    Http,
    /// The Invoke API.
    Invoke,
}

/// The running functions; cheap to clone.
#[derive(Debug, Clone)]
pub struct Functions(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pools: BTreeMap<String, Arc<Pool>>,
    logs: Logs,
    ids: Ids,
    /// Invocations under way, those of schedules apart.
    in_flight: Arc<AtomicUsize>,
    /// Invocations ever started, those of schedules apart.
    started: AtomicU64,
    /// Where what functions publish has to be before their answers count.
    journal: Option<Journal>,
}

/// What is known about a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its name.
    pub name: String,
    /// Its processes.
    pub pids: Vec<u32>,
    /// Invocations since the start, whatever their end.
    pub invocations: u64,
    /// Invocations that ended without an answer.
    pub errors: u64,
    /// How long answered invocations took, each rounded up to a whole millisecond, as Lambda bills them.
    pub billed_ms: u64,
    /// What it has printed, in bytes.
    pub log_bytes: u64,
    /// How many of its log lines have reported usage: one is read a little after the answer that it goes with.
    pub reports: u64,
    /// Sums of the numbers that its log lines report under `usage`.
    pub totals: BTreeMap<String, f64>,
}

impl Functions {
    /// Gets ready to run these functions from the folder of their binaries; `overrides` is set over each one's
    /// environment. No process is started yet. With a journal, what a function has published is in it before it is answered.
    pub(crate) fn start(
        functions: &[Function],
        binaries: &Path,
        overrides: BTreeMap<String, String>,
        journal: Option<Journal>,
        say: &Say,
    ) -> io::Result<Self> {
        let (logs, spawner, overrides) = (Logs::default(), Spawner::start()?, Arc::new(overrides));
        let pool = |function: &Function| {
            let launch = Launch {
                binary: build::binary(binaries, &function.name),
                overrides: Arc::clone(&overrides),
                spawner: spawner.clone(),
                say: Arc::clone(say),
            };
            let output = Output::new(&function.name, logs.clone());
            (function.name.clone(), Arc::new(Pool::new(function.clone(), launch, output)))
        };
        let pools = functions.iter().map(pool).collect();
        Ok(Self(Arc::new(Inner {
            pools,
            logs,
            ids: Ids::default(),
            in_flight: Arc::default(),
            started: AtomicU64::new(0),
            journal,
        })))
    }

    /// Runs one invocation: waits for a free process, starting one on demand up to the function's concurrency.
    /// Payload and answer are the raw JSON. An invocation that has begun goes on where the caller stops waiting. Those of the HTTP API
    /// have their turn in a line of their own.
    pub async fn invoke(&self, name: &str, payload: Bytes, from: Source) -> Result<Bytes, InvokeError> {
        let pool = self.pool(name)?;
        let flight = (from != Source::Schedule).then(|| {
            self.0.started.fetch_add(1, Ordering::SeqCst);
            Flight::start(&self.0.in_flight)
        });
        let (job, answer) = Job::new(self.0.ids.next(), payload, flight);
        let fault = pool.fault.borrow().clone();
        let answer = match fault.error {
            Some(message) => Err(runtime_api::function_error("Fault".to_owned(), message)),
            None => {
                if let Some(delay) = fault.delay() {
                    let mut current = pool.fault.subscribe();
                    tokio::time::timeout(delay, current.wait_for(|current| *current != fault)).await.ok();
                }
                let turn = if from == Source::Http { pool.line.turn().await.map(Some) } else { Ok(None) };
                match turn {
                    Ok(_turn) => {
                        pool.submit(job);
                        let lost = || Err(InvokeError::Crashed("its connection broke".to_owned()));
                        answer.await.unwrap_or_else(|_| lost())
                    }
                    Err(busy) => Err(busy),
                }
            }
        };
        match (&answer, &self.0.journal) {
            (Ok(_), Some(journal)) if pool.function().publishes() => journal.until_written().await,
            // No invocation has begun.
            (Ok(_) | Err(InvokeError::Busy(_)), _) => {}
            (Err(_), _) => drop(pool.errors.fetch_add(1, Ordering::Relaxed)),
        }
        answer
    }

    /// Waits while a fault stops the function's triggers; returns at once otherwise.
    pub async fn until_running(&self, name: &str) {
        let Ok(pool) = self.pool(name) else { return };
        if pool.fault.borrow().stopped {
            pool.fault.subscribe().wait_for(|fault| !fault.stopped).await.ok();
        }
    }

    /// Invocations under way or waiting for a process, those of schedules apart.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::SeqCst)
    }

    /// How many invocations have ever been started, those of schedules apart.
    pub(crate) fn started(&self) -> u64 {
        self.0.started.load(Ordering::SeqCst)
    }

    /// Puts a fault on a function, or clears it with the default one; wakes what waited.
    pub fn set_fault(&self, name: &str, fault: Fault) -> Result<(), InvokeError> {
        self.pool(name)?.fault.send_replace(fault);
        Ok(())
    }

    /// Kills a function's processes with SIGKILL and waits until they have ended; their pids.
    pub async fn kill(&self, name: &str) -> Result<Vec<u32>, InvokeError> {
        Ok(self.pool(name)?.kill().await)
    }

    /// What is known about each function, in the order of their names.
    pub fn status(&self) -> Vec<Status> {
        let status = |pool: &Arc<Pool>| Status {
            name: pool.function().name.clone(),
            pids: pool.pids(),
            invocations: pool.invocations.load(Ordering::Relaxed),
            errors: pool.errors.load(Ordering::Relaxed),
            billed_ms: pool.billed_ms.load(Ordering::Relaxed),
            log_bytes: pool.output.bytes(),
            // Before the sums, so that these hold at least what it counts.
            reports: pool.output.reports(),
            totals: pool.output.totals(),
        };
        self.0.pools.values().map(status).collect()
    }

    /// A function's environment, as its processes get it; without credentials, where they are real ones.
    pub fn environment(&self, name: &str) -> Result<BTreeMap<String, String>, InvokeError> {
        let pool = self.pool(name)?;
        let mut environment = pool.launch.environment(pool.function());
        if environment.get("AWS_SECRET_ACCESS_KEY").is_none_or(|secret| secret != NO_SECRET) {
            environment.retain(|name, _| !CREDENTIALS.contains(&name.as_str()));
        }
        Ok(environment)
    }

    /// What the functions print.
    pub fn logs(&self) -> &Logs {
        &self.0.logs
    }

    /// Answers what waits, kills every process, and returns when all have ended.
    pub async fn stop(&self) {
        join_all(self.0.pools.values().map(|pool| pool.stop())).await;
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.0.pools.contains_key(name)
    }

    fn pool(&self, name: &str) -> Result<&Arc<Pool>, InvokeError> {
        self.0.pools.get(name).ok_or_else(|| InvokeError::UnknownFunction(name.to_owned()))
    }
}

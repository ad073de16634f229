//! Starts a function's process and stays with it to its end.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::NO_SECRET;
use super::pool::Pool;
use super::process::{Due, Process};
use super::runtime_api;
use super::spawner::Spawner;
use crate::Say;
use crate::serve::serve;
use crate::template::{Function, Trigger, arn};

/// What a process is started from.
#[derive(Clone)]
pub(super) struct Launch {
    pub(super) binary: PathBuf,
    /// Set over the template's environment: where store and broker are, credentials.
    pub(super) overrides: Arc<BTreeMap<String, String>>,
    pub(super) spawner: Spawner,
    pub(super) say: Say,
}

impl std::fmt::Debug for Launch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launch").field("binary", &self.binary).finish_non_exhaustive()
    }
}

impl Launch {
    pub(super) fn say(&self, line: &str) {
        (self.say)(line);
    }

    /// What a function's environment says, apart from what Lambda itself puts there.
    pub(super) fn environment(&self, function: &Function) -> BTreeMap<String, String> {
        let here = [
            ("AWS_REGION", arn::REGION),
            ("AWS_DEFAULT_REGION", arn::REGION),
            // The embedded store knows by it whose role a call is made with.
            ("AWS_ACCESS_KEY_ID", &function.name),
            ("AWS_SECRET_ACCESS_KEY", NO_SECRET),
        ];
        let mut environment: BTreeMap<_, _> =
            here.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        environment.extend(function.environment.clone());
        environment.extend(self.overrides.as_ref().clone());
        environment
    }

    /// Every process has a Runtime API of its own: its port is what tells processes apart.
    fn command(&self, function: &Function, api: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.env_clear();
        for kept in ["PATH", "HOME", "RUST_BACKTRACE"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
            .envs(self.environment(function))
            .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mib.to_string())
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
            .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            .env("AWS_LAMBDA_RUNTIME_API", api)
            // Ctrl-C at the terminal is for the stack, which then ends its functions.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    async fn start(&self, function: &Function) -> io::Result<(Child, TcpListener)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let api = listener.local_addr()?.to_string();
        let child = self.spawner.spawn(self.command(function, &api)).await;
        let child =
            child.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.binary.display())))?;
        if !function.triggers.iter().any(|trigger| matches!(trigger, Trigger::Http(_))) {
            stand_back(&child);
        }
        Ok((child, listener))
    }
}

/// On one machine all functions share the cores: those that somebody waits for at the HTTP API come before the others.
fn stand_back(child: &Child) {
    const NICE: i32 = 15;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw);
    // Where it is refused, people wait a little longer.
    pid.map(|pid| rustix::process::setpriority_process(Some(pid), NICE).ok());
}

impl Pool {
    /// Runs one process from its start to its end.
    pub(super) async fn supervise(self: &Arc<Self>, serial: u64) {
        let (mut child, listener) = match self.launch.start(self.function()).await {
            Ok(started) => started,
            Err(error) => return self.start_failed(&error.to_string()),
        };
        let process = Arc::new(Process::new(serial, child.id().unwrap_or_default()));
        if !self.add(&process) {
            process.kill();
        }
        let output = tokio::spawn({
            let (pool, stdout, stderr) = (Arc::clone(self), child.stdout.take(), child.stderr.take());
            async move { tokio::join!(pool.output.capture(stdout), pool.output.capture(stderr)).1 }
        });
        let api = serve(listener, {
            let (pool, process) = (Arc::clone(self), Arc::clone(&process));
            move |request| runtime_api::handle(request, Arc::clone(&pool), Arc::clone(&process))
        });
        let status = tokio::select! {
            status = watch(&process, &mut child, self.function().timeout, || self.retire(&process)) => status,
            never = api => match never {},
        };
        // What it printed last often says why it ended; a grandchild may keep the pipe open, so don't wait long.
        let last_line = tokio::time::timeout(Duration::from_millis(200), output).await;
        let last_line = last_line.ok().and_then(Result::ok).flatten();
        let how = match last_line {
            Some(line) => format!("{status} ({line})"),
            None => status,
        };
        self.remove(&process, &how);
    }
}

/// Kills the process when it has to be; says how it ended. `retire` takes it out of use, and answers false where it was not idle.
async fn watch(process: &Process, child: &mut Child, timeout: Duration, retire: impl Fn() -> bool) -> String {
    loop {
        let wake = match process.due(timeout) {
            Due::Later(wake) => wake,
            // It is about to receive a job, whose deadline is after this, or to be killed.
            Due::LongIdle if !retire() => Instant::now() + timeout,
            Due::Overdue | Due::LongIdle => {
                child.start_kill().ok();
                return exit_status(child).await;
            }
        };
        tokio::select! {
            status = child.wait() => return describe(status),
            () = tokio::time::sleep_until(wake) => {}
            () = process.killed() => { child.start_kill().ok(); }
        }
    }
}

async fn exit_status(child: &mut Child) -> String {
    describe(child.wait().await)
}

fn describe(status: io::Result<std::process::ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| status.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_was_idle_for_long_can_be_killed_while_a_job_is_about_to_come() {
        let mut process = Process::new(1, 1);
        process.idle_limit = Duration::ZERO;
        process.asks();
        process.kill();
        let mut child = Command::new("sleep").arg("60").kill_on_drop(true).spawn().unwrap();
        let ended = watch(&process, &mut child, Duration::from_secs(60), || false);
        let ended = tokio::time::timeout(Duration::from_secs(10), ended).await;
        assert_eq!(ended.as_deref(), Ok("signal: 9 (SIGKILL)"));
    }
}

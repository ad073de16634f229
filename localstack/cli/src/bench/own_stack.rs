//! A stack in a process of its own, so that what it uses is told apart from what the clients use.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use localstack::Addresses;
use localstack::function::Spawner;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// A running stack. It ends at the latest with this process, however that dies.
pub(crate) struct OwnStack {
    process: Child,
    /// The process ends with it.
    _spawner: Spawner,
}

impl OwnStack {
    /// Starts this same program's stack on free ports, and waits until it is ready.
    pub(crate) async fn start(deadline: f64, no_build: bool) -> Result<(Self, Addresses), String> {
        let program = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
        let ready_file = std::env::temp_dir().join(format!("whenever-bench-{}.json", std::process::id()));
        // One that a killed process with the same id has left behind.
        std::fs::remove_file(&ready_file).ok();
        let mut command = Command::new(program);
        command.args(["up", "--port", "0", "--lambda-port", "0", "--deadline", &deadline.to_string()]);
        command.arg("--ready-file").arg(&ready_file);
        if no_build {
            command.arg("--no-build");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let failed = |error| format!("the stack cannot be started: {error}");
        let spawner = Spawner::start().map_err(failed)?;
        let process = spawner.spawn(command).await.map_err(failed)?;
        let mut stack = Self { process, _spawner: spawner };
        let addresses = stack.until_ready(&ready_file).await?;
        std::fs::remove_file(&ready_file).ok();
        Ok((stack, addresses))
    }

    async fn until_ready(&mut self, file: &Path) -> Result<Addresses, String> {
        loop {
            // Renamed into its place, so it is either whole or not there.
            if let Ok(file) = std::fs::read(file) {
                return serde_json::from_slice(&file).map_err(|error| format!("the ready file is damaged: {error}"));
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!("the stack ended ({status}); its message is above"));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks it to end, as Ctrl-C does, and waits until it has.
    pub(crate) async fn stop(mut self) {
        let pid = self.process.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if pid.is_some_and(|pid| kill_process(pid, Signal::INT).is_ok()) {
            timeout(Duration::from_secs(10), self.process.wait()).await.ok();
        }
    }
}

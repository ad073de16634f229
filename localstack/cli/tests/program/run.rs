//! Runs the program.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The program with these arguments.
pub(crate) fn whenever(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whenever"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What a command prints; it has to succeed.
pub(crate) fn printed(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = whenever(arguments).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "whenever {arguments:?} ended with {status}\n{stdout}\n{stderr}");
    stdout
}

/// A stack in a process of its own.
pub(crate) struct Up {
    process: Child,
    pub(crate) api: String,
    pub(crate) lambda: String,
}

impl Up {
    pub(crate) fn start() -> Self {
        let ready: PathBuf = std::env::temp_dir().join(format!("whenever-program-{}.json", std::process::id()));
        let mut command = whenever(&["up", "--port", "0", "--lambda-port", "0", "--ready-file"]);
        let mut process = command.arg(&ready).stdout(Stdio::null()).spawn().unwrap();
        let give_up = Instant::now() + Duration::from_secs(600);
        while !ready.exists() {
            assert!(process.try_wait().unwrap().is_none(), "the stack ended before it was ready");
            assert!(Instant::now() < give_up, "the stack is not ready");
            sleep(Duration::from_millis(20));
        }
        let addresses: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
        std::fs::remove_file(&ready).unwrap();
        let address = |name: &str| addresses[name].as_str().unwrap().to_owned();
        Self { api: address("api"), lambda: address("lambda"), process }
    }

    /// Ctrl-C; whether it ends as if all were well.
    pub(crate) fn interrupt(mut self) -> bool {
        kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
        self.process.wait().unwrap().success()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Only a test that fails leaves it running.
        self.process.kill().ok();
    }
}

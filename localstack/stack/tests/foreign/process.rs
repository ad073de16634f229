//! The stack in a process of its own, for tests that kill it.

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use localstack::{Addresses, Options, Stack};
use tokio::process::{Child, Command};

use crate::stack::{eventually, options};

/// A running stack, which ends at the latest with this.
pub(crate) struct OwnProcess {
    pub(crate) process: Child,
    pub(crate) addresses: Addresses,
}

impl OwnProcess {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(data: Option<&Path>) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let name = format!("foreign-{}-{}.json", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let ready_file = std::env::temp_dir().join(name);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "process::runs_until_it_is_killed"]).env("READY_FILE", &ready_file);
        if let Some(data) = data {
            command.env("DATA", data);
        }
        let process = command.stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        let addresses = || async { std::fs::read(&ready_file).ok() };
        let written = eventually(addresses, Option::is_some).await.unwrap();
        std::fs::remove_file(&ready_file).unwrap();
        Self { process, addresses: serde_json::from_slice(&written).unwrap() }
    }
}

/// What runs in it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs until it is killed"]
async fn runs_until_it_is_killed() {
    let Some(ready_file) = std::env::var_os("READY_FILE") else { return };
    let data = std::env::var_os("DATA").map(Into::into);
    let stack = Stack::start(Options { ready_file: Some(ready_file.into()), data, ..options() }).await.unwrap();
    std::future::pending::<()>().await;
    stack.stop().await;
}

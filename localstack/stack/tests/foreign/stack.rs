//! Starts the stack on the template beside this file, with the functions that Cargo built as examples.

use std::path::{Path, PathBuf};
use std::time::Duration;

use localstack::function::Build;
use localstack::{Options, Stack};

pub(crate) fn options() -> Options {
    let program = std::env::current_exe().unwrap();
    let profile = program.ancestors().nth(2).unwrap();
    Options {
        template: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign/template.yaml")),
        port: 0,
        lambda_port: 0,
        build: Build::Folder(PathBuf::from(profile).join("examples")),
        ..Options::default()
    }
}

pub(crate) async fn start() -> Stack {
    Stack::start(options()).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Looks until what it sees is as wanted.
pub(crate) async fn eventually<T, F: Future<Output = T>>(look: impl Fn() -> F, wanted: impl Fn(&T) -> bool) -> T {
    let watch = async {
        loop {
            let seen = look().await;
            if wanted(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), watch).await.expect("it never became as wanted")
}

/// Whether there is such a process, one apart that has ended and that nobody has asked about yet.
pub(crate) fn is_running(pid: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

//! Cold starts: how long it takes from the start of a function's process until it asks the Runtime API for work.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::{Instant, timeout};

use super::percentiles::Percentiles;
use super::units::float;
use crate::api::Api;
use crate::table::{Cell, Side, Table};
use crate::terminal::{self, Paint};

/// The limit of Lambda's own init phase, after which it starts over ("Lambda execution environment" in AWS's developer guide).
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How the line begins with which a process asks for its first work.
const FIRST_POLL: &str = "GET /2018-06-01/runtime/invocation/next ";

/// One function's starts, in milliseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Starts {
    function: String,
    /// The size of its binary, in bytes.
    bytes: u64,
    median_ms: f64,
    max_ms: f64,
}

/// All functions' starts.
#[derive(Debug, Serialize)]
pub(super) struct InitReport {
    starts: usize,
    functions: Vec<Starts>,
}

/// Starts each function of the stack so often, one process at a time, beside the stack's own and with their environment.
pub(super) async fn measure(api: &Api, binaries: Option<&Path>, starts: usize) -> Result<InitReport, String> {
    let own = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    let folder = binaries.or(own.parent()).unwrap_or(Path::new("."));
    let paint = terminal::stderr();
    let mut functions = Vec::new();
    for function in api.function_names().await? {
        eprintln!("{}", paint.dim(format!("starting {function} {starts} times ...")));
        let binary = binary(folder, &function)?;
        let environment = api.environment(&function).await?;
        let mut took = Vec::with_capacity(starts);
        for _ in 0..starts {
            let start = start(&binary, &function, &environment).await;
            took.push(start.map_err(|problem| format!("{function} {problem}"))?);
        }
        let max = took.iter().copied().max().into_iter().collect();
        functions.push(Starts {
            bytes: std::fs::metadata(&binary).map_or(0, |metadata| metadata.len()),
            median_ms: Percentiles::of(took).p50,
            max_ms: Percentiles::of(max).p50,
            function,
        });
    }
    Ok(InitReport { starts, functions })
}

/// A function's binary, as cargo or as cargo lambda leaves it.
fn binary(folder: &Path, function: &str) -> Result<PathBuf, String> {
    let plain = folder.join(function);
    let found = [plain.join("bootstrap"), plain].into_iter().find(|path| path.is_file());
    found.ok_or_else(|| {
        format!("{} has no binary of {function}; build it, or say where with --binaries", folder.display())
    })
}

/// Starts one process, waits for its first poll and ends it.
async fn start(binary: &Path, function: &str, environment: &BTreeMap<String, String>) -> Result<Duration, String> {
    let failed = |error| format!("cannot be started: {error}");
    let runtime_api = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let mut command = Command::new(binary);
    command
        .env_clear()
        .envs(environment)
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.local_addr().map_err(failed)?.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let began = Instant::now();
    let mut process = command.spawn().map_err(failed)?;
    let first = tokio::select! {
        first = timeout(INIT_LIMIT, first_call(&runtime_api)) => first,
        status = process.wait() => {
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            return Err(format!("ended ({status}) before it asked for work; run {} to see why", binary.display()));
        }
    };
    let took = began.elapsed();
    process.kill().await.ok();
    match first {
        Ok(Ok(call)) if call.starts_with(FIRST_POLL) => Ok(took),
        Ok(Ok(call)) => Err(format!("reported an error in place of asking for work: {}", call.trim_end())),
        Ok(Err(error)) => Err(format!("broke off: {error}")),
        Err(_) => Err(format!("did not ask for work within {} s", INIT_LIMIT.as_secs())),
    }
}

/// The first line of what a process first asks of the Runtime API.
async fn first_call(runtime_api: &TcpListener) -> std::io::Result<String> {
    let (stream, _) = runtime_api.accept().await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line)
}

impl InitReport {
    /// For people.
    pub(super) fn draw(&self, paint: Paint) -> String {
        let columns =
            [("function", Side::Left), ("median ms", Side::Right), ("max ms", Side::Right), ("MB", Side::Right)];
        let mut table = Table::new(&columns);
        for Starts { function, bytes, median_ms, max_ms } in &self.functions {
            let [median, max, megabytes] =
                [*median_ms, *max_ms, float(*bytes) / 1e6].map(|number| Cell::from(format!("{number:.1}")));
            table.row([function.into(), median, max, megabytes]);
        }
        let title = paint.bold("from start to first poll");
        format!("{title}  ({} starts of each function)\n\n{}", self.starts, table.draw("  ", paint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_asks_for_nothing_has_no_time() {
        let environment = BTreeMap::new();
        let ended = start(Path::new("/bin/true"), "x", &environment).await.unwrap_err();
        assert!(ended.starts_with("ended (exit status: 0) before it asked for work"), "{ended}");
        let missing = start(Path::new("/nowhere/x"), "x", &environment).await.unwrap_err();
        assert!(missing.starts_with("cannot be started"), "{missing}");
    }

    #[test]
    fn a_binary_that_is_not_there_is_named() {
        let problem = binary(Path::new("/nowhere"), "place-order").unwrap_err();
        assert_eq!(problem, "/nowhere has no binary of place-order; build it, or say where with --binaries");
    }
}

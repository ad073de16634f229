//! A stack in a process of its own with a data folder: it can be killed, and goes on where it was.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use localstack::function::Build;
use localstack::{Addresses, Options, Stack};
use serde::{Deserialize, Serialize};

use crate::{broker, fail, stage};

/// Building the functions comes first.
const READY_WITHIN: Duration = Duration::from_secs(900);
/// What the process is told in its environment.
const SETTINGS: &str = "WHENEVER_APART";

#[derive(Clone, Serialize, Deserialize)]
struct Settings {
    data: PathBuf,
    ready_file: PathBuf,
    kafka: Option<String>,
    kafka_prefix: String,
    parameters: BTreeMap<String, String>,
    most_requests: usize,
    build: bool,
}

/// The process.
pub(crate) struct Apart {
    test: &'static str,
    settings: Settings,
    running: Mutex<Child>,
    /// Whoever wants to know them while it is started again waits.
    addresses: RwLock<Addresses>,
}

impl Apart {
    /// Starts it on a new folder.
    pub(crate) fn start(
        test: &'static str,
        kafka: Option<String>,
        parameters: &[(&str, &str)],
        most_requests: usize,
    ) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let name = format!("whenever-apart-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let data = std::env::temp_dir().join(name);
        let settings = Settings {
            ready_file: data.with_extension("json"),
            data,
            kafka,
            kafka_prefix: broker::own_prefix(),
            parameters: stage::owned(parameters).collect(),
            most_requests,
            build: true,
        };
        let (child, addresses) = run(test, &settings);
        let settings = Settings { build: false, ..settings };
        Self { test, settings, running: Mutex::new(child), addresses: RwLock::new(addresses) }
    }

    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it with SIGKILL and starts it again on the same folder; blocks until it is ready.
    pub(crate) fn kill_and_start_again(&self) {
        let mut addresses = self.addresses.write().unwrap_or_else(PoisonError::into_inner);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.kill().and_then(|()| running.wait()).unwrap_or_else(|e| fail(e));
        (*running, *addresses) = run(self.test, &self.settings);
    }
}

fn run(test: &str, settings: &Settings) -> (Child, Addresses) {
    std::fs::remove_file(&settings.ready_file).ok();
    let program = std::env::current_exe().unwrap_or_else(|e| fail(e));
    let told = serde_json::to_string(settings).unwrap_or_else(|e| fail(e));
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", test, "--nocapture"]).env(SETTINGS, told);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap_or_else(|e| fail(e));
    let addresses = until_ready(&mut child, &settings.ready_file);
    (child, addresses)
}

fn until_ready(child: &mut Child, file: &Path) -> Addresses {
    let give_up = Instant::now() + READY_WITHIN;
    loop {
        if let Ok(file) = std::fs::read(file) {
            return serde_json::from_slice(&file).unwrap_or_else(|e| fail(e));
        }
        if let Some(status) = child.try_wait().unwrap_or_else(|e| fail(e)) {
            fail(format!("the stack ended before it was ready: {status}"));
        }
        if Instant::now() > give_up {
            fail("the stack is not ready");
        }
        sleep(Duration::from_millis(10));
    }
}

/// The stack in the process that [`Stage::apart`](crate::Stage::apart) starts: until it is killed, or its tests have ended.
/// Returns at once in any other.
pub async fn run_apart() {
    let Ok(settings) = std::env::var(SETTINGS) else { return };
    let settings: Settings = serde_json::from_str(&settings).unwrap_or_else(|e| fail(e));
    let options = Options {
        template: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")),
        port: 0,
        lambda_port: 0,
        kafka: settings.kafka,
        kafka_prefix: settings.kafka_prefix,
        data: Some(settings.data.clone()),
        parameters: settings.parameters,
        most_requests: settings.most_requests,
        build: if settings.build { Build::Cargo } else { Build::Skip },
        ready_file: Some(settings.ready_file.clone()),
        ..Options::default()
    };
    let stack = Stack::start(options).await.unwrap_or_else(|e| fail(e));
    // The other end is open for as long as the tests' process lives.
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    drop(ended.await);
    stack.stop().await;
    std::fs::remove_dir_all(settings.data).ok();
    std::fs::remove_file(settings.ready_file).ok();
}

//! Runs the program.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
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
    pub(crate) dynamodb: String,
}

/// Tells the stacks of this process apart.
static STARTED: AtomicU32 = AtomicU32::new(0);

impl Up {
    /// With these options.
    pub(crate) fn start(options: &[&str]) -> Self {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let ready: PathBuf =
            std::env::temp_dir().join(format!("whenever-program-{}-{number}.json", std::process::id()));
        let mut command = whenever(&["up", "--port", "0", "--lambda-port", "0", "--ready-file"]);
        let mut process = command.arg(&ready).args(options).stdout(Stdio::null()).spawn().unwrap();
        let give_up = Instant::now() + Duration::from_secs(600);
        while !ready.exists() {
            assert!(process.try_wait().unwrap().is_none(), "the stack ended before it was ready");
            assert!(Instant::now() < give_up, "the stack is not ready");
            sleep(Duration::from_millis(20));
        }
        let addresses: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
        std::fs::remove_file(&ready).unwrap();
        let address = |name: &str| addresses[name].as_str().unwrap().to_owned();
        Self { api: address("api"), lambda: address("lambda"), dynamodb: address("dynamodb"), process }
    }

    /// What a command about this stack prints; it has to succeed.
    pub(crate) fn printed(&self, arguments: &[&str]) -> String {
        printed(&[arguments, &["--url", &self.api]].concat())
    }

    /// What a command about this stack prints, errors last; it has to fail.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } =
            whenever(&[arguments, &["--url", &self.api]].concat()).output().unwrap();
        let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        assert!(!status.success(), "whenever {arguments:?} succeeded\n{said}");
        said
    }

    /// What the HTTP API answers, in JSON; null where there is no body.
    pub(crate) fn call(&self, method: &str, path: &str, body: &str) -> Value {
        let host = self.api.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        let kind = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all((head + &kind + body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap_or_default()
    }

    /// Looks until what it sees is as wanted, and answers that.
    pub(crate) fn until<T: std::fmt::Debug>(&self, look: impl Fn() -> T, wanted: impl Fn(&T) -> bool) -> T {
        let give_up = Instant::now() + Duration::from_secs(60);
        loop {
            let seen = look();
            if wanted(&seen) {
                return seen;
            }
            assert!(Instant::now() < give_up, "not as wanted: {seen:?}");
            sleep(Duration::from_millis(20));
        }
    }

    /// A product of which there are five, and an order of one; the order's id.
    pub(crate) fn order(&self) -> String {
        self.call("POST", "/inventories", r#"{"id": "tv", "name": "TV", "stock": 5}"#);
        let order = self.call("POST", "/orders", r#"{"customerId": "ann", "productId": "tv", "qty": 1}"#);
        order["orderId"].as_str().unwrap().to_owned()
    }

    /// Waits until the stack has nothing left to do.
    pub(crate) fn settle(&self) {
        self.call("POST", "/_local/settle", r#"{"timeoutMs": 60000}"#);
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

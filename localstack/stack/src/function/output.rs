//! Captures what a process prints, line by line, and adds up the usage that its log lines report.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use super::logs::Logs;

/// Where one function's output goes.
#[derive(Debug)]
pub(super) struct Output {
    name: Arc<str>,
    logs: Logs,
    totals: Mutex<BTreeMap<String, f64>>,
    bytes: AtomicU64,
    reports: AtomicU64,
}

/// The part of a JSON log line that is added up.
#[derive(Deserialize)]
struct Reported {
    usage: BTreeMap<String, f64>,
}

impl Output {
    pub(super) fn new(name: &str, logs: Logs) -> Self {
        Self {
            name: Arc::from(name),
            logs,
            totals: Mutex::default(),
            bytes: AtomicU64::new(0),
            reports: AtomicU64::new(0),
        }
    }

    /// The sums of all numbers under `usage` in JSON log lines.
    pub(super) fn totals(&self) -> BTreeMap<String, f64> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How much has been printed.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many lines have reported usage.
    pub(super) fn reports(&self) -> u64 {
        self.reports.load(Ordering::Acquire)
    }

    /// Reads a pipe to its end; the last line meant for people.
    pub(super) async fn capture(&self, pipe: Option<impl AsyncRead + Unpin>) -> Option<String> {
        let mut reader = BufReader::new(pipe?);
        let mut line = Vec::new();
        let mut last = None;
        while reader.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
            self.bytes.fetch_add(line.len() as u64, Ordering::Relaxed);
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end();
            if !text.is_empty() {
                self.add_up(text);
                self.logs.push(&self.name, text);
                last = said(text).or(last);
            }
            line.clear();
        }
        last
    }

    fn add_up(&self, line: &str) {
        if !line.contains("\"usage\"") {
            return;
        }
        let Ok(Reported { usage }) = serde_json::from_str(line) else { return };
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, amount) in usage {
            *totals.entry(name).or_default() += amount;
        }
        // Last: who sees the report sees its sums.
        self.reports.fetch_add(1, Ordering::Release);
    }
}

/// What a line says to people: plain text, and of structured lines why a function was not started.
fn said(line: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct NotStarted {
        outcome: String,
        message: String,
    }
    if !line.starts_with('{') {
        return Some(line.to_owned());
    }
    let line: NotStarted = serde_json::from_str(line).ok().filter(|_| line.contains("not started"))?;
    (line.outcome == "not started").then_some(line.message)
}

#[cfg(test)]
mod tests {
    use super::Output;
    use crate::function::logs::Logs;

    #[tokio::test]
    async fn lines_are_kept_and_usage_is_added_up() {
        let logs = Logs::default();
        let output = Output::new("f", logs.clone());
        let text =
            b"plain\n{\"usage\":{\"writes\":1.5,\"calls\":1}}\n\n{\"usage\":{\"writes\":2}}\nno \"usage\"".as_slice();
        assert_eq!(output.capture(Some(text)).await.as_deref(), Some("no \"usage\""));
        assert_eq!(
            output.totals().into_iter().collect::<Vec<_>>(),
            [("calls".to_owned(), 1.0), ("writes".to_owned(), 3.5)]
        );
        assert_eq!((logs.read(0, None).1, output.bytes(), output.reports()), (4, text.len() as u64, 2));
    }

    #[tokio::test]
    async fn why_a_function_was_not_started_is_for_people() {
        let output = Output::new("f", Logs::default());
        let text = b"{\"outcome\":\"ok\",\"message\":\"m\"}\n{\"outcome\":\"not started\",\"message\":\"no table\"}\n"
            .as_slice();
        assert_eq!(output.capture(Some(text)).await.as_deref(), Some("no table"));
    }
}

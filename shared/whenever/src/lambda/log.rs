//! The log: one JSON line per invocation, on standard output.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;

use super::function::Answer;
use super::metrics::Metrics;
use crate::ports::Platform;
use crate::ports::store::Usage;
use crate::{Handled, Outcome, Timestamp};

/// The most events that a line names, so that it stays below the 256 KB of a log event (AWS limit); what went wrong comes first.
const MOST_EVENTS: usize = 1_000;

/// A line under way.
pub(super) struct Line<'a> {
    function: &'a str,
    request_id: &'a str,
    /// The deployed stack, where metrics are counted.
    stack: Option<&'a str>,
    started: Timestamp,
    before: Usage,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    time: Timestamp,
    level: &'a str,
    function: &'a str,
    request_id: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a Value>,
    duration_ms: u64,
    records: usize,
    parked: usize,
    failed: usize,
    usage: Usage,
    events: Vec<&'a Handled>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics<'a>>,
}

impl<'a> Line<'a> {
    pub(super) fn start(function: &'a str, request_id: &'a str, stack: Option<&'a str>, platform: &Platform) -> Self {
        Line { function, request_id, stack, started: platform.clock.now(), before: platform.store.usage() }
    }

    pub(super) fn end(self, answer: &Answer, platform: &Platform) {
        let handled = &answer.handled;
        let parked = handled.iter().filter(|h| matches!(h.outcome, Outcome::Parked(_))).count();
        let failed = handled.iter().filter(|h| h.failed()).count();
        let outcome = match &answer.result {
            Err(_) => "error",
            Ok(_) if failed > 0 => "partial",
            Ok(_) => "ok",
        };
        // What was not for this policy is no news.
        let mut events: Vec<&Handled> = handled.iter().filter(|h| h.outcome != Outcome::Ignored).collect();
        events.sort_by_key(|h| h.outcome == Outcome::Done);
        events.truncate(MOST_EVENTS);
        let now = platform.clock.now();
        write(&Written {
            time: now,
            level: if outcome == "ok" && parked == 0 && answer.trouble.is_none() { "INFO" } else { "WARN" },
            function: self.function,
            request_id: self.request_id,
            outcome,
            message: answer.result.as_ref().err().map(ToString::to_string).or_else(|| answer.trouble.clone()),
            answer: answer.result.as_ref().ok().filter(|_| handled.is_empty()).map(summary),
            duration_ms: u64::try_from(now.since(self.started).as_millis()).unwrap_or(u64::MAX),
            records: handled.len(),
            parked,
            failed,
            usage: platform.store.usage() - self.before,
            events,
            metrics: Metrics::of(self.stack, parked, answer.overdue, now),
        });
    }
}

/// Of an HTTP answer only the status: bodies hold customers' data.
fn summary(answer: &Value) -> &Value {
    answer.get("statusCode").unwrap_or(answer)
}

/// Says why the function cannot start.
pub(super) fn refuse_to_start(why: &str) -> ExitCode {
    write(&serde_json::json!({
        "time": crate::ports::Clock::now(&super::SystemClock),
        "level": "ERROR",
        "outcome": "not started",
        "message": why,
    }));
    ExitCode::FAILURE
}

pub(super) fn write(line: &impl Serialize) {
    use std::io::Write;
    if let Ok(mut text) = serde_json::to_vec(line) {
        text.push(b'\n');
        // A log that cannot be written has nobody to complain to.
        let _ = std::io::stdout().lock().write_all(&text);
    }
}

//! Faults that a test or a curious reader puts on a function.

use std::time::Duration;

use serde::Deserialize;

/// What is wrong with a function on purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Fault {
    /// An invocation reaches the function this many milliseconds later; its timeout starts then.
    pub delay_ms: u64,
    /// Invocations are answered with this function error and never reach the function.
    pub error: Option<String>,
    /// Triggers wait; Invoke still works.
    pub stopped: bool,
}

impl Fault {
    /// How long an invocation is held back, if it is.
    pub(super) fn delay(&self) -> Option<Duration> {
        (self.delay_ms > 0).then(|| Duration::from_millis(self.delay_ms))
    }
}

//! What one order, or one of whatever a run was about, needs of one function.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::meter::Function;

/// What is billed by the piece.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Units {
    /// Of the function.
    pub(crate) invocations: f64,
    /// How long they took, each rounded up to a whole millisecond.
    pub(crate) billed_ms: f64,
    /// DynamoDB's write units, indexes and transactions at their full price.
    pub(crate) write_units: f64,
    /// DynamoDB's read units.
    pub(crate) read_units: f64,
    /// Of the table store.
    pub(crate) transactions: f64,
    /// To the table store.
    pub(crate) calls: f64,
    /// What was printed.
    pub(crate) log_bytes: f64,
}

impl Units {
    /// What `runs` of them added to a function's counts, each.
    pub(super) fn between(before: Option<&Function>, after: &Function, runs: usize) -> Self {
        let each = |more: f64| rounded(more / count(runs.max(1)));
        let total = |name: &str| {
            let sum = |function: &Function| function.totals.get(name).copied().unwrap_or(0.0);
            each(sum(after) - before.map_or(0.0, sum))
        };
        let counted = |of: fn(&Function) -> u64| each(float(of(after).saturating_sub(before.map_or(0, of))));
        Self {
            invocations: counted(|function| function.invocations),
            billed_ms: counted(|function| function.billed_ms),
            write_units: total("writeUnits"),
            read_units: total("readUnits"),
            transactions: total("transactions"),
            calls: total("calls"),
            log_bytes: counted(|function| function.log_bytes),
        }
    }
}

impl AddAssign for Units {
    fn add_assign(&mut self, more: Self) {
        self.invocations = rounded(self.invocations + more.invocations);
        self.billed_ms = rounded(self.billed_ms + more.billed_ms);
        self.write_units = rounded(self.write_units + more.write_units);
        self.read_units = rounded(self.read_units + more.read_units);
        self.transactions = rounded(self.transactions + more.transactions);
        self.calls = rounded(self.calls + more.calls);
        self.log_bytes = rounded(self.log_bytes + more.log_bytes);
    }
}

/// More digits mean nothing.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^52")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// A count to calculate with.
pub(crate) fn count(count: usize) -> f64 {
    float(count as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn function(counts: Value) -> Function {
        serde_json::from_value(counts).unwrap()
    }

    #[test]
    fn only_what_the_run_added_counts() {
        let before = function(json!({"name": "a", "pids": [], "invocations": 100, "billedMs": 7, "logBytes": 40,
            "totals": {"writeUnits": 50.0}}));
        let after = function(json!({"name": "a", "pids": [7], "invocations": 103, "billedMs": 16, "logBytes": 1040,
            "totals": {"writeUnits": 56.0, "readUnits": 1.0, "transactions": 2.0, "calls": 4.0}}));
        let expected = Units {
            invocations: 1.5,
            billed_ms: 4.5,
            write_units: 3.0,
            read_units: 0.5,
            transactions: 1.0,
            calls: 2.0,
            log_bytes: 500.0,
        };
        assert_eq!(Units::between(Some(&before), &after, 2), expected);
        let new = Units::between(None, &after, 2);
        assert_eq!((new.invocations, new.write_units), (51.5, 28.0));
    }

    #[test]
    fn sums_are_rounded_like_their_parts() {
        let mut sum = Units::default();
        for _ in 0..3 {
            sum += Units { invocations: 0.1, ..Units::default() };
        }
        assert_eq!(sum.invocations, 0.3);
    }
}

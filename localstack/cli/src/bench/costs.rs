//! What a run has cost, function by function.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::Serialize;

use super::meter::{Function, Meter, Used};
use crate::table::{Cell, Side, Table};
use crate::terminal::Paint;

/// The costs of one order, or one of whatever the run was about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Costs {
    /// Of all functions, but without the units of those in `apart`.
    together: Cost,
    /// Functions that what was measured does not wait for.
    apart: &'static [&'static str],
    functions: BTreeMap<String, Cost>,
    stack: Process,
}

/// What a function, or several, cost each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    #[serde(flatten)]
    units: Units,
    #[serde(flatten)]
    process: Process,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Units {
    invocations: f64,
    write_units: f64,
    read_units: f64,
    transactions: f64,
    calls: f64,
}

/// CPU time each, and the most memory at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Process {
    cpu_ms: f64,
    pss_mib: f64,
}

impl Costs {
    /// From what was measured before and after `runs` of them; nothing in them waits for the functions in `apart`.
    pub(super) fn new(
        runs: usize,
        before: &[Function],
        after: &[Function],
        meter: &Meter,
        apart: &'static [&'static str],
    ) -> Self {
        let mut together = Cost { process: Process::new(meter.functions(), runs), ..Cost::default() };
        let mut functions = BTreeMap::new();
        for function in after {
            let earlier = before.iter().find(|earlier| earlier.name == function.name);
            let units = Units::between(earlier, function, runs);
            if !apart.contains(&function.name.as_str()) {
                together.units += units;
            }
            let process = Process::new(meter.function(&function.name), runs);
            functions.insert(function.name.clone(), Cost { units, process });
        }
        Self { together, apart, functions, stack: Process::new(meter.stack(), runs) }
    }

    /// Transactions of a function, for each of what the run was about.
    pub(super) fn transactions(&self, function: &str) -> f64 {
        self.functions.get(function).map_or(0.0, |cost| cost.units.transactions)
    }

    /// For people; `each` says what they are the costs of: `per order`.
    pub(super) fn draw(&self, each: &'static str, paint: Paint) -> String {
        let mut text = self.table(each).draw("  ", paint);
        if !self.apart.is_empty() {
            let apart = self.apart.join(", ");
            text.push_str(
                &paint.dim(format!("  all functions: without the invocations, units and calls of {apart}\n")),
            );
        }
        text
    }

    fn table(&self, each: &'static str) -> Table {
        let mut table = Table::new(&[
            (each, Side::Left),
            ("invocations", Side::Right),
            ("write units", Side::Right),
            ("read units", Side::Right),
            ("transactions", Side::Right),
            ("calls", Side::Right),
            ("CPU ms", Side::Right),
            ("peak MiB", Side::Right),
        ]);
        let together = [("all functions", &self.together)];
        let each = self.functions.iter().map(|(name, cost)| (name.as_str(), cost));
        // The others had nothing to do; their memory is in the sum.
        let each = each.filter(|(_, cost)| cost.units != Units::default());
        for (name, Cost { units, process }) in together.into_iter().chain(each) {
            let Units { invocations, write_units, read_units, transactions, calls } = units;
            let [invocations, writes, reads, transactions, calls, cpu] =
                [*invocations, *write_units, *read_units, *transactions, *calls, process.cpu_ms]
                    .map(|number| Cell::from(format!("{number:.2}")));
            let memory = format!("{:.1}", process.pss_mib);
            table.row([name.into(), invocations, writes, reads, transactions, calls, cpu, memory.into()]);
        }
        let Process { cpu_ms, pss_mib } = self.stack;
        let [invocations, writes, reads, transactions, calls] = [(); 5].map(|()| Cell::from(""));
        let (cpu, memory) = (format!("{cpu_ms:.2}").into(), format!("{pss_mib:.1}").into());
        table.row(["stack, broker, store".into(), invocations, writes, reads, transactions, calls, cpu, memory]);
        table
    }
}

impl Units {
    fn between(before: Option<&Function>, after: &Function, runs: usize) -> Self {
        let each = |more: f64| rounded(more / count(runs.max(1)));
        let total = |name: &str| {
            let sum = |function: &Function| function.totals.get(name).copied().unwrap_or(0.0);
            each(sum(after) - before.map_or(0.0, sum))
        };
        let earlier = before.map_or(0, |before| before.invocations);
        Self {
            invocations: each(float(after.invocations.saturating_sub(earlier))),
            write_units: total("writeUnits"),
            read_units: total("readUnits"),
            transactions: total("transactions"),
            calls: total("calls"),
        }
    }
}

impl AddAssign for Units {
    fn add_assign(&mut self, more: Self) {
        self.invocations = rounded(self.invocations + more.invocations);
        self.write_units = rounded(self.write_units + more.write_units);
        self.read_units = rounded(self.read_units + more.read_units);
        self.transactions = rounded(self.transactions + more.transactions);
        self.calls = rounded(self.calls + more.calls);
    }
}

impl Process {
    fn new(used: Used, runs: usize) -> Self {
        Self {
            cpu_ms: rounded(float(used.cpu_ms) / count(runs.max(1))),
            pss_mib: rounded(float(used.peak_kib) / 1024.0),
        }
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

pub(super) fn count(count: usize) -> f64 {
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
        let before = function(json!({"name": "a", "pids": [], "invocations": 100, "totals": {"writeUnits": 50.0}}));
        let after = function(json!({"name": "a", "pids": [7], "invocations": 103,
            "totals": {"writeUnits": 56.0, "readUnits": 1.0, "transactions": 2.0, "calls": 4.0}}));
        let expected = Units { invocations: 1.5, write_units: 3.0, read_units: 0.5, transactions: 1.0, calls: 2.0 };
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

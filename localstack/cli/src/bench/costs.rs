//! What a run has cost, function by function.

use std::collections::BTreeMap;

use serde::Serialize;

use super::meter::{Function, Meter, Used};
use super::units::{Units, count, float, rounded};
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

    /// What one of them needs of each function.
    pub(super) fn units(&self) -> impl Iterator<Item = (&str, Units)> {
        self.functions.iter().map(|(name, cost)| (name.as_str(), cost.units))
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
            ("billed ms", Side::Right),
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
            let Units { invocations, billed_ms, write_units, read_units, transactions, calls, .. } = units;
            let [invocations, billed, writes, reads, transactions, calls, cpu] =
                [*invocations, *billed_ms, *write_units, *read_units, *transactions, *calls, process.cpu_ms]
                    .map(|number| Cell::from(format!("{number:.2}")));
            let memory = format!("{:.1}", process.pss_mib);
            table.row([name.into(), invocations, billed, writes, reads, transactions, calls, cpu, memory.into()]);
        }
        let Process { cpu_ms, pss_mib } = self.stack;
        let [invocations, billed, writes, reads, transactions, calls] = [(); 6].map(|()| Cell::from(""));
        let (cpu, memory) = (format!("{cpu_ms:.2}").into(), format!("{pss_mib:.1}").into());
        let stack = Cell::from("stack, broker, store");
        table.row([stack, invocations, billed, writes, reads, transactions, calls, cpu, memory]);
        table
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

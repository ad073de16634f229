//! What a run of orders has shown, for people and for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::costs::Costs;
use super::load::Run;
use super::percentiles::{self, Percentiles};
use super::units::{Units, count, rounded};
use crate::terminal::Paint;

/// So many failures are told in words.
const FAILURES_TOLD: usize = 3;

/// A run's figures; costs are those of one order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    orders: usize,
    failed: usize,
    failures: Vec<String>,
    seconds: f64,
    orders_per_second: f64,
    post_ms: Percentiles,
    saga_ms: Percentiles,
    #[serde(flatten)]
    costs: Costs,
}

impl Report {
    /// From a run and its costs.
    pub(super) fn new(run: Run, costs: Costs) -> Self {
        let orders = run.samples.len();
        let post_ms = Percentiles::of(run.samples.iter().map(|sample| sample.post).collect());
        let (mut sagas, mut failures) = (Vec::new(), Vec::new());
        for sample in run.samples {
            match sample.saga {
                Ok(saga) => sagas.push(saga),
                Err(why) => failures.push(why),
            }
        }
        let (placed, failed) = (sagas.len(), failures.len());
        failures.truncate(FAILURES_TOLD);

        let seconds = run.took.as_secs_f64();
        Self {
            orders,
            failed,
            failures,
            seconds: rounded(seconds),
            orders_per_second: rounded(if seconds > 0.0 { count(placed) / seconds } else { 0.0 }),
            post_ms,
            saga_ms: Percentiles::of(sagas),
            costs,
        }
    }

    /// What one order needs of each function; an error if not all were placed.
    pub(super) fn into_units(self) -> Result<BTreeMap<String, Units>, String> {
        match self.failures.into_iter().next() {
            Some(why) => Err(why),
            None => Ok(self.costs.units().map(|(name, units)| (name.to_owned(), units)).collect()),
        }
    }

    /// Whether every order was placed.
    pub(super) fn succeeded(&self) -> bool {
        self.failed == 0
    }

    /// For people.
    pub(super) fn draw(&self, paint: Paint) -> String {
        let Self { orders, failed, seconds, orders_per_second, .. } = self;
        let mut text = paint.bold(format!("{orders_per_second:.0} orders/s")).clone();
        text.push_str(&format!("  ({orders} orders in {seconds:.1} s, {failed} failed)\n"));
        for failure in &self.failures {
            text.push_str(&format!("  {}\n", paint.red(failure)));
        }
        let latencies = percentiles::table(&[("POST", self.post_ms), ("saga", self.saga_ms)]);
        text.push_str(&format!("\n{}\n{}", latencies.draw("  ", paint), self.costs.draw("per order", paint)));
        text
    }
}

//! Percentiles of durations.

use std::time::Duration;

use serde::Serialize;

use crate::table::{Cell, Side, Table};

/// p50, p95 and p99 in milliseconds, by the nearest-rank method.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Percentiles {
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
}

impl Percentiles {
    /// Of these durations; all 0 where there are none.
    pub(super) fn of(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        let at = |percent: usize| {
            let rank = (durations.len() * percent).div_ceil(100);
            let duration = durations.get(rank.saturating_sub(1)).copied().unwrap_or_default();
            // Hundredths of a millisecond are as much as means anything.
            (duration.as_secs_f64() * 100_000.0).round() / 100.0
        };
        Self { p50: at(50), p95: at(95), p99: at(99) }
    }
}

/// For people: a row each.
pub(super) fn table(rows: &[(&str, Percentiles)]) -> Table {
    let mut table = Table::new(&[("ms", Side::Left), ("p50", Side::Right), ("p95", Side::Right), ("p99", Side::Right)]);
    for (name, Percentiles { p50, p95, p99 }) in rows {
        let [p50, p95, p99] = [p50, p95, p99].map(|ms| Cell::from(format!("{ms:.1}")));
        table.row([(*name).into(), p50, p95, p99]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_rank() {
        let durations = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(Percentiles::of(durations), Percentiles { p50: 100.0, p95: 190.0, p99: 198.0 });
        let one = vec![Duration::from_micros(1234)];
        assert_eq!(Percentiles::of(one), Percentiles { p50: 1.23, p95: 1.23, p99: 1.23 });
        assert_eq!(Percentiles::of(Vec::new()), Percentiles { p50: 0.0, p95: 0.0, p99: 0.0 });
    }
}

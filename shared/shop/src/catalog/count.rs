//! Counting an event: once, for every product that it is about.

use std::collections::BTreeMap;

use whenever::{Command, OncePerEvent, Received, Refusal, Tables, Timestamp, Touches, World, once};

use super::{Counted, MetricsCommand, ProductMetrics, Tally};
use crate::values::ProductId;

/// The policy that counts; its markers bear this name.
pub const RECORD_METRICS: &str = "record-metrics";

/// Whenever something happens that is counted: the metrics of its products change by it. Once per event, and whatever the order in
/// which events come, the sums are the same.
#[must_use]
pub fn count<E: Counted>(event: &Received<E>) -> OncePerEvent<ProductMetrics, Count> {
    once(RECORD_METRICS, event, Count { tallies: event.tallies(), at: event.time })
}

/// Adds to the metrics of products.
#[derive(Debug, Clone)]
pub struct Count {
    tallies: BTreeMap<ProductId, Tally>,
    at: Timestamp,
}

impl Command for Count {
    fn tables() -> Tables {
        Tables::of::<ProductMetrics>()
    }

    fn touches(&self) -> Touches {
        self.tallies.keys().fold(Touches::new(), |touches, id| touches.load::<ProductMetrics>(id))
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        for (product_id, change) in &self.tallies {
            let command = MetricsCommand { product_id: product_id.clone(), change: *change, at: self.at };
            world.apply::<ProductMetrics>(product_id.as_str(), command)?;
        }
        Ok(())
    }
}

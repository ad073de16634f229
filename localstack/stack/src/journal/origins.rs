//! From the offsets of this run's broker to positions that go on from run to run, and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Partition;

/// Per partition the position of the broker's first record; 0 where there was none before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins(Arc<BTreeMap<Partition, i64>>);

impl Origins {
    /// The broker begins at these positions.
    pub(super) fn new(origins: BTreeMap<Partition, i64>) -> Self {
        Self(Arc::new(origins))
    }

    /// The position of a partition's first record on the broker.
    pub(crate) fn of(&self, topic: &str, partition: u32) -> i64 {
        let partition = (topic.to_owned(), partition);
        self.0.get(&partition).copied().unwrap_or_default()
    }

    /// The same for all partitions of a topic that do not begin at 0.
    pub(crate) fn of_topic(&self, topic: &str) -> BTreeMap<u32, i64> {
        let known = self.0.iter().filter(|((name, _), _)| name == topic);
        known.map(|((_, partition), origin)| (*partition, *origin)).collect()
    }
}

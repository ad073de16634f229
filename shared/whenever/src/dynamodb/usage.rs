//! Counts what calls consumed, as the store reports it.

use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::ConsumedCapacity;

use crate::ports::store::Usage;

/// Consumption since the program started.
#[derive(Debug, Default)]
pub(super) struct Counter(Mutex<Usage>);

impl Counter {
    pub(super) fn read(&self, consumed: &[ConsumedCapacity]) {
        self.add(Usage { read_units: units(consumed), calls: 1.0, ..Usage::default() });
    }

    pub(super) fn write(&self, consumed: &[ConsumedCapacity]) {
        self.add(Usage { write_units: units(consumed), calls: 1.0, ..Usage::default() });
    }

    pub(super) fn transaction(&self, consumed: &[ConsumedCapacity]) {
        let write_units = units(consumed);
        self.add(Usage { write_units, transactions: 1.0, calls: 1.0, ..Usage::default() });
    }

    pub(super) fn total(&self) -> Usage {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, more: Usage) {
        let mut total = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        total.write_units += more.write_units;
        total.read_units += more.read_units;
        total.transactions += more.transactions;
        total.calls += more.calls;
    }
}

fn units(consumed: &[ConsumedCapacity]) -> f64 {
    consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

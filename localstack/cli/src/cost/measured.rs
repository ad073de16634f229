//! What an order needs, as it was measured once and recorded.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::bench::Units;

/// The project's own record.
const RECORD: &str = include_str!("../../../measured.json");

/// A record of measurements on a local stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Measured {
    /// How it came about, for people.
    pub(super) how: String,
    /// The day.
    pub(super) date: String,
    /// How the functions were built: `debug` or `release`.
    pub(super) build: String,
    /// Read units of one look for orders past their deadline, while there are none.
    pub(super) sweep_read_units: f64,
    /// What an order leaves behind in each table, by its key in the template.
    pub(super) stored: BTreeMap<String, Stored>,
    /// One for each pace, slow ones first.
    pub(super) runs: Vec<Run>,
}

/// What an order leaves behind in a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Stored {
    pub(super) items: f64,
    pub(super) bytes: f64,
}

/// What one order needs of each function.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Run {
    /// Orders a second; 0 where each was alone.
    pub(super) rate: f64,
    pub(super) orders: usize,
    pub(super) functions: BTreeMap<String, Units>,
}

impl Measured {
    /// The record in this file, or the project's own.
    pub(super) fn read(file: Option<&Path>) -> Result<Self, String> {
        let Some(file) = file else { return Self::parse(RECORD, "localstack/measured.json") };
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
        Self::parse(&text, &name)
    }

    /// Writes the record for people and programs.
    pub(super) fn write(&self, file: &Path) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        std::fs::write(file, text + "\n").map_err(|error| format!("{} cannot be written: {error}", file.display()))
    }

    fn parse(text: &str, name: &str) -> Result<Self, String> {
        let hint = "record one with `whenever cost --record FILE`";
        let measured: Self =
            serde_json::from_str(text).map_err(|error| format!("{name} is no record: {error}; {hint}"))?;
        if measured.runs.is_empty() { Err(format!("{name} has no runs; {hint}")) } else { Ok(measured) }
    }

    /// The run nearest to this pace that is not quicker: the slower the orders come, the smaller are the batches and
    /// the dearer is each.
    pub(super) fn at(&self, rate: f64) -> Option<&Run> {
        let slow_enough = self.runs.iter().filter(|run| run.rate <= rate);
        slow_enough.max_by(|a, b| a.rate.total_cmp(&b.rate)).or(self.runs.first())
    }
}

#[cfg(test)]
mod tests {
    use super::{Measured, RECORD};

    #[test]
    fn what_is_slower_and_dearer_is_taken_rather_than_what_is_quicker() {
        let mut measured = Measured::read(None).unwrap();
        measured.runs.truncate(3);
        for (run, rate) in measured.runs.iter_mut().zip([0.0, 5.0, 20.0]) {
            run.rate = rate;
        }
        for (wanted, taken) in [(0.1, 0.0), (5.0, 5.0), (19.0, 5.0), (20.0, 20.0), (1e4, 20.0)] {
            assert_eq!(measured.at(wanted).unwrap().rate, taken, "{wanted} orders a second");
        }
    }

    #[test]
    fn a_damaged_record_says_what_to_do() {
        let refusal = Measured::parse(&RECORD.replace("\"runs\"", "\"walks\""), "mine.json").unwrap_err();
        assert!(refusal.contains("mine.json") && refusal.contains("--record"), "{refusal}");
    }
}

//! What a million orders cost: what the template keeps ready and what was measured, at the prices of a list.

use std::collections::{BTreeMap, BTreeSet};

use localstack::template::{Function, KafkaTrigger, Template, Trigger};
use serde::Serialize;

use super::SWEEP;
use super::measured::{Measured, Run};
use super::prices::{Price, Prices};
use crate::bench::{Units, count};

/// What is billed for.
pub(super) const ORDERS: f64 = 1e6;

/// How long AWS's own calculator takes a month to be.
const HOURS_A_MONTH: f64 = 730.0;
const SECONDS_AN_HOUR: f64 = 3_600.0;

/// AWS's GB of memory, storage and logs.
const MIB_A_GB: f64 = 1_024.0;
const BYTES_A_GB: f64 = 1_073_741_824.0;

/// Pollers that one event poller unit takes while they are not busy (AWS: kafka-scaling-modes).
const POLLERS_A_UNIT: u32 = 10;

/// What Lambda itself logs of an invocation: the lines START, END and REPORT as its developer guide shows them; and 26 bytes
/// that CloudWatch counts for each of these lines and for the function's own (AWS: `PutLogEvents`).
const LOG_BYTES_AN_INVOCATION: f64 = 67.0 + 52.0 + 150.0 + 4.0 * 26.0;

/// The sweep's setting, and what it is where the template has none.
const SWEEP_INTERVAL: &str = "SWEEP_INTERVAL_SECONDS";
const SWEEP_INTERVAL_SECONDS: f64 = 5.0;

/// What a million orders cost.
#[derive(Debug, Serialize)]
pub(super) struct Bill {
    /// Until all are placed, at the pace asked for.
    pub(super) hours: f64,
    /// Dearest first.
    pub(super) lines: Vec<Line>,
    /// The sum.
    pub(super) usd: f64,
    /// What is in the lines of requests, time and units, by function, dearest first.
    pub(super) functions: Vec<OfFunction>,
}

/// One thing that AWS charges for.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) item: &'static str,
    pub(super) quantity: f64,
    pub(super) unit: &'static str,
    /// What a unit costs, or a million of them.
    pub(super) price: String,
    pub(super) usd: f64,
}

/// One function's part.
#[derive(Debug, Serialize)]
pub(super) struct OfFunction {
    pub(super) name: String,
    /// For each order.
    #[serde(flatten)]
    pub(super) units: Units,
    /// For a million orders.
    pub(super) usd: f64,
}

/// What is billed and what it is billed by.
pub(super) struct Billing<'a> {
    pub(super) template: &'a Template,
    pub(super) prices: &'a Prices,
    pub(super) measured: &'a Measured,
    pub(super) run: &'a Run,
    /// Orders a second.
    pub(super) rate: f64,
    /// A function's time in AWS for each millisecond measured.
    pub(super) time_factor: f64,
}

impl Billing<'_> {
    /// What a million orders cost.
    pub(super) fn bill(&self) -> Bill {
        let hours = ORDERS / self.rate / SECONDS_AN_HOUR;
        let prices = self.prices;
        let functions = self.functions(hours);
        let sum = |of: fn(&Units) -> f64| functions.iter().map(|(_, units)| of(units)).sum::<f64>();
        let gb_seconds = functions.iter().map(|(function, units)| gb_seconds(function, units)).sum();
        let api_calls = functions.iter().filter(|(function, _)| answers_http(function));
        let api_calls = api_calls.map(|(_, units)| units.invocations).sum();
        let log_bytes = sum(|units| units.log_bytes) + LOG_BYTES_AN_INVOCATION * sum(|units| units.invocations);
        let (stored, backed_up) = self.stored();
        let months = hours / HOURS_A_MONTH;
        let mut lines = vec![
            line("DynamoDB writes", sum(|units| units.write_units), "write units", &prices.write_units),
            line("DynamoDB reads", sum(|units| units.read_units), "read units", &prices.read_units),
            line("DynamoDB storage, for a month", stored / BYTES_A_GB, "GB-months", &prices.storage_gb_month),
            line("DynamoDB backups, for a month", backed_up / BYTES_A_GB, "GB-months", &prices.backup_gb_month),
            line("Lambda requests", sum(|units| units.invocations), "invocations", &prices.invocations),
            line("Lambda time", gb_seconds, "GB-seconds", &prices.gb_seconds),
            line("Kafka pollers", self.poller_units() * hours / ORDERS, "EPU-hours", &prices.poller_unit_hours),
            line("HTTP API", api_calls, "calls", &prices.api_calls),
            line("Logs", log_bytes / BYTES_A_GB, "GB", &prices.log_gb),
            line("Alarms", count(self.template.alarms) * months / ORDERS, "alarm-months", &prices.alarm_months),
        ];
        lines.retain(|line| line.quantity > 0.0);
        lines.sort_by(|a, b| b.usd.total_cmp(&a.usd));
        let usd = lines.iter().map(|line| line.usd).sum();
        let mut functions: Vec<_> = functions.iter().map(|(function, units)| self.part(function, *units)).collect();
        functions.sort_by(|a, b| b.usd.total_cmp(&a.usd));
        Bill { hours, lines, usd, functions }
    }

    /// What each function needs for an order; of those that the template switches off nothing.
    fn functions(&self, hours: f64) -> Vec<(&Function, Units)> {
        let units = |function: &Function| match self.run.functions.get(&function.name) {
            _ if function.name == SWEEP => Some(self.sweep(function, hours)),
            Some(units) => Some(Units { billed_ms: units.billed_ms * self.time_factor, ..*units }),
            None => None,
        };
        let on = self.template.functions.iter().filter(|function| is_on(function));
        on.filter_map(|function| Some((function, units(function)?))).collect()
    }

    /// The sweep's part in an order: it is started with every tick of its schedule and lasts until the next, whatever comes.
    fn sweep(&self, function: &Function, hours: f64) -> Units {
        let ticks = |trigger: &Trigger| match trigger {
            Trigger::Schedule(schedule) => hours * SECONDS_AN_HOUR / schedule.period.as_secs_f64(),
            _ => 0.0,
        };
        let interval = function.environment.get(SWEEP_INTERVAL).and_then(|text| text.parse().ok());
        let sweeps = hours * SECONDS_AN_HOUR / interval.unwrap_or(SWEEP_INTERVAL_SECONDS);
        Units {
            invocations: function.triggers.iter().map(ticks).sum::<f64>() / ORDERS,
            billed_ms: hours * SECONDS_AN_HOUR * 1_000.0 / ORDERS,
            read_units: sweeps * self.measured.sweep_read_units / ORDERS,
            ..Units::default()
        }
    }

    fn part(&self, function: &Function, units: Units) -> OfFunction {
        let prices = self.prices;
        let usd = units.write_units * prices.write_units.each()
            + units.read_units * prices.read_units.each()
            + units.invocations * prices.invocations.each()
            + gb_seconds(function, &units) * prices.gb_seconds.each();
        OfFunction { name: function.name.clone(), units, usd: usd * ORDERS }
    }

    /// Event poller units kept ready: mappings of a group share theirs, each of the others has its own.
    fn poller_units(&self) -> f64 {
        let mut groups: BTreeMap<&str, u32> = BTreeMap::new();
        let mut own = 0;
        for trigger in self.template.functions.iter().flat_map(|function| &function.triggers) {
            let Trigger::Kafka(KafkaTrigger { pollers: Some(pollers), polling, .. }) = trigger else { continue };
            match &pollers.group {
                _ if !polling.enabled => {}
                Some(group) => *groups.entry(group).or_default() += pollers.minimum,
                None => own += pollers.minimum.div_ceil(POLLERS_A_UNIT),
            }
        }
        let shared: u32 = groups.values().map(|pollers| pollers.div_ceil(POLLERS_A_UNIT)).sum();
        f64::from(own + shared)
    }

    /// What an order leaves behind, in bytes: in all tables, and in those that are backed up.
    fn stored(&self) -> (f64, f64) {
        let backed_up = self.template.tables.iter().filter(|table| table.backed_up);
        let backed_up: BTreeSet<&str> = backed_up.map(|table| table.logical_id.as_str()).collect();
        let bytes = |wanted: &dyn Fn(&str) -> bool| {
            let stored = self.measured.stored.iter().filter(|(table, _)| wanted(table));
            stored.map(|(_, stored)| stored.bytes).sum()
        };
        (bytes(&|_| true), bytes(&|table| backed_up.contains(table)))
    }
}

/// A line of what one order needs.
fn line(item: &'static str, each: f64, unit: &'static str, price: &Price) -> Line {
    let quantity = each * ORDERS;
    Line { item, quantity, unit, price: price.told(), usd: quantity * price.each() }
}

fn gb_seconds(function: &Function, units: &Units) -> f64 {
    f64::from(function.memory_mib) / MIB_A_GB * units.billed_ms / 1_000.0
}

fn answers_http(function: &Function) -> bool {
    function.triggers.iter().any(|trigger| matches!(trigger, Trigger::Http(_)))
}

/// Whether anything invokes it.
fn is_on(function: &Function) -> bool {
    function.triggers.iter().any(|trigger| match trigger {
        Trigger::Kafka(kafka) => kafka.polling.enabled,
        Trigger::Stream(stream) => stream.polling.enabled,
        Trigger::Http(_) | Trigger::Schedule(_) => true,
    })
}

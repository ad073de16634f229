use std::collections::BTreeMap;
use std::path::Path;

use localstack::template::Template;

use super::bill::{Bill, Billing};
use super::measured::{Measured, Run, Stored};
use super::prices::Prices;
use crate::bench::Units;

const TEMPLATE: &str = r"
Resources:
  Place:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/orders-api/
      MemorySize: 512
      Events: { Create: { Type: HttpApi, Properties: { Method: POST, Path: /orders } } }
  Tell:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: functions/forward-to-data-platform/, MemorySize: 1024 }
  Sweep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/sweep-deadlines/
      MemorySize: 256
      Environment: { Variables: { SWEEP_INTERVAL_SECONDS: '2' } }
      Events: { Tick: { Type: Schedule, Properties: { Schedule: rate(1 minute) } } }
  Kept:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
  Late: { Type: AWS::CloudWatch::Alarm }
";

/// The template with a trigger of the function `Tell` for each of these settings.
fn template(triggers: &[&str]) -> Template {
    let trigger = |(number, settings): (usize, &&str)| {
        format!(
            "  Trigger{number}:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {{ FunctionName: !Ref Tell, Topics: [a], StartingPosition: TRIM_HORIZON, {settings} }}
"
        )
    };
    let triggers: String = triggers.iter().enumerate().map(trigger).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Template::parse(&format!("{TEMPLATE}{triggers}"), &root, &BTreeMap::new()).unwrap()
}

/// An order that needs the same of each of the two functions, at one order a second: a million take 277.8 hours.
fn bill(template: &Template) -> Bill {
    let units = Units {
        invocations: 2.0,
        billed_ms: 10.0,
        write_units: 3.0,
        read_units: 1.0,
        log_bytes: 1e3,
        ..Units::default()
    };
    let functions = ["orders-api", "forward-to-data-platform"].map(|name| (name.to_owned(), units));
    let run = Run { rate: 0.0, orders: 1, functions: functions.into() };
    let gone = BTreeMap::from([
        ("Kept".to_owned(), Stored { items: 1.0, bytes: 1_073.741_824 }),
        ("Other".to_owned(), Stored { items: 1.0, bytes: 1_073.741_824 }),
    ]);
    let measured = Measured {
        how: String::new(),
        date: String::new(),
        build: String::new(),
        sweep_read_units: 2.0,
        stored: gone,
        runs: vec![run],
    };
    let prices = Prices::read(None).unwrap();
    let run = &measured.runs[0];
    Billing { template, prices: &prices, measured: &measured, run, rate: 1.0, time_factor: 2.0 }.bill()
}

/// How much of something is billed.
fn quantity(bill: &Bill, item: &str) -> f64 {
    let line = bill.lines.iter().find(|line| line.item == item);
    line.map_or(0.0, |line| (line.quantity * 1e3).round() / 1e3)
}

#[test]
fn what_orders_need_is_counted_for_all_of_them() {
    let bill = bill(&template(&["BatchSize: 1"]));
    assert_eq!(quantity(&bill, "DynamoDB writes"), 6e6);
    // A million seconds are half a million sweeps, and 16,667 minutes.
    assert_eq!(quantity(&bill, "DynamoDB reads"), 2e6 + 2.0 * 5e5);
    assert_eq!(quantity(&bill, "Lambda requests"), 4e6 + 16_666.667);
    // 10 ms, taken twice as long, of half a GB and of a whole; and the sweep's quarter for all the time.
    assert_eq!(quantity(&bill, "Lambda time"), 1e6 * 0.020 * 1.5 + 250_000.0);
    assert_eq!(quantity(&bill, "HTTP API"), 2e6);
    assert_eq!(quantity(&bill, "DynamoDB storage, for a month"), 2.0);
    assert_eq!(quantity(&bill, "DynamoDB backups, for a month"), 1.0);
    assert_eq!(quantity(&bill, "Alarms"), 0.381);
    assert!(quantity(&bill, "Logs") > 1.8);
    assert!(bill.lines.is_sorted_by(|a, b| a.usd >= b.usd));
    let sum: f64 = bill.lines.iter().map(|line| line.usd).sum();
    assert!((bill.usd - sum).abs() < 1e-9 && bill.usd > 10.0, "{bill:?}");
}

#[test]
fn pollers_of_a_group_share_what_those_of_none_have_for_themselves() {
    let hours = |triggers: &[&str]| quantity(&bill(&template(triggers)), "Kafka pollers");
    let unit = 277.778;
    assert_eq!(hours(&["BatchSize: 1"]), 0.0, "without provisioned pollers nothing is kept ready");
    let own = "ProvisionedPollerConfig: { MinimumPollers: 1 }";
    let shared = "ProvisionedPollerConfig: { MinimumPollers: 5, PollerGroupName: g }";
    assert_eq!(hours(&[own]), unit);
    assert_eq!(hours(&[own, own]), (2.0 * 277.777_777_8_f64 * 1e3).round() / 1e3);
    assert_eq!(hours(&[shared, shared]), unit);
    assert_eq!(hours(&[shared, shared, shared]), (2.0 * 277.777_777_8_f64 * 1e3).round() / 1e3);
    assert_eq!(hours(&["Enabled: false, ProvisionedPollerConfig: { MinimumPollers: 1 }", own]), unit);
}

#[test]
fn a_function_that_is_switched_off_costs_nothing() {
    let off = bill(&template(&["Enabled: false"]));
    assert_eq!(quantity(&off, "DynamoDB writes"), 3e6);
    assert!(off.functions.iter().all(|function| function.name != "forward-to-data-platform"), "{off:?}");
}

//! `tests/events`: each is what its function's triggers send, field for field, and what their filters let through.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use localstack::Options;
use localstack::template::{Function, KafkaTrigger, Route, Template, Trigger};
use serde::Deserialize;
use serde_json::{Value, json};
use shop::event_types;
use whenever::Envelope;

use crate::test_events::event;

/// AWS's "Using Lambda with self-managed Apache Kafka": an example event has these fields and no others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KafkaEvent {
    event_source: String,
    bootstrap_servers: String,
    records: BTreeMap<String, Vec<KafkaRecord>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KafkaRecord {
    topic: String,
    partition: i32,
    #[serde(rename = "offset")]
    _offset: i64,
    #[serde(rename = "timestamp")]
    _timestamp: i64,
    timestamp_type: String,
    key: String,
    value: String,
    #[serde(rename = "headers")]
    _headers: Vec<BTreeMap<String, Vec<i8>>>,
}

fn template() -> Template {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("template.yaml");
    Options { template: Some(path), ..Options::default() }.read_template().unwrap().1
}

fn decoded(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text).unwrap()
}

fn routes(function: &Function) -> Vec<&Route> {
    let triggers = function.triggers.iter();
    triggers.filter_map(|trigger| if let Trigger::Http(route) = trigger { Some(route) } else { None }).collect()
}

fn topics(function: &Function) -> Vec<&KafkaTrigger> {
    let triggers = function.triggers.iter();
    triggers.filter_map(|trigger| if let Trigger::Kafka(kafka) = trigger { Some(kafka) } else { None }).collect()
}

fn kafka_event(function: &Function) -> KafkaEvent {
    let event =
        serde_json::from_value(event(&function.name)).unwrap_or_else(|error| panic!("{}: {error}", function.name));
    let KafkaEvent { event_source, bootstrap_servers, records } = &event;
    assert_eq!((event_source.as_str(), bootstrap_servers.as_str()), ("SelfManagedKafka", "localhost:9092"));
    for (source, records) in records {
        for KafkaRecord { topic, partition, timestamp_type, .. } in records {
            assert_eq!((source, timestamp_type.as_str()), (&format!("{topic}-{partition}"), "CREATE_TIME"));
        }
    }
    assert!(records.values().any(|records| !records.is_empty()), "{}", function.name);
    event
}

#[test]
fn functions_on_topics_have_events_of_their_types_that_the_filters_let_through() {
    let template = template();
    let functions = template.functions.iter().filter(|function| !topics(function).is_empty());
    let functions: Vec<_> = functions.filter(|function| function.name != "collect-dead-letters").collect();
    assert!(!functions.is_empty(), "the template has lost its policies");
    for function in functions {
        let name = &function.name;
        for record in kafka_event(function).records.into_values().flatten() {
            let (key, value) = (decoded(&record.key), decoded(&record.value));
            let trigger = topics(function).into_iter().find(|trigger| trigger.topic == record.topic);
            let trigger = trigger.unwrap_or_else(|| panic!("{name} does not read {}", record.topic));
            let seen = json!({"value": serde_json::from_slice::<Value>(&value).unwrap()});
            assert!(trigger.polling.filter.matches(&seen), "the filter of {name} never lets this through: {seen}");
            let envelope = Envelope::decode(&value).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(key, envelope.partitionkey.as_bytes(), "{name}");
            let of_type = event_types().into_iter().find(|known| known.name == envelope.event_type);
            let of_type = of_type.unwrap_or_else(|| panic!("{name}: nothing emits {}", envelope.event_type));
            assert_eq!(of_type.topic, record.topic, "{name}");
            (of_type.decode)(&envelope).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn the_collector_has_what_lambda_says_of_records_that_it_gave_up() {
    let template = template();
    let collector = template.functions.iter().find(|function| function.name == "collect-dead-letters").unwrap();
    for record in kafka_event(collector).records.into_values().flatten() {
        assert_eq!(topics(collector)[0].topic, record.topic);
        let value: Value = serde_json::from_slice(&decoded(&record.value)).unwrap();
        assert_eq!(value["requestContext"]["condition"], "RetryAttemptsExhausted", "{value}");
        let failed = value["requestContext"]["functionArn"].as_str().unwrap();
        let failed = failed.rsplit(':').next().unwrap();
        assert!(template.functions.iter().any(|function| function.name == failed), "{failed} is no function");
        let payload: KafkaEvent = match &value["payload"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            other => serde_json::from_value(other.clone()).unwrap(),
        };
        assert!(payload.records.values().flatten().count() > 0, "{value}");
    }
}

#[test]
fn the_relay_has_an_image_with_an_outbox() {
    let template = template();
    let relay = template.functions.iter().find(|function| function.name == "relay-outbox").unwrap();
    let event = event("relay-outbox");
    let records = event["Records"].as_array().unwrap();
    assert!(!records.is_empty());
    for record in records {
        let table = record["eventSourceARN"].as_str().unwrap().split('/').nth(1).unwrap();
        let of_table = |trigger: &&Trigger| matches!(trigger, Trigger::Stream(stream) if stream.table == table);
        let Some(Trigger::Stream(stream)) = relay.triggers.iter().find(of_table) else {
            panic!("the relay does not read the stream of {table}")
        };
        assert!(stream.polling.filter.matches(record), "the relay's filter never lets this through: {record}");
        let table = template.tables.iter().find(|known| known.name == table).unwrap();
        assert_eq!(record["dynamodb"]["StreamViewType"].as_str(), table.stream.as_deref());
        let keys: Vec<_> = record["dynamodb"]["Keys"].as_object().unwrap().keys().collect();
        assert_eq!(keys, table.key.iter().collect::<Vec<_>>());
    }
}

#[test]
fn http_functions_have_a_call_of_one_of_their_routes() {
    let template = template();
    let functions: Vec<_> = template.functions.iter().filter(|function| !routes(function).is_empty()).collect();
    assert!(!functions.is_empty(), "the template has lost its HTTP functions");
    for function in functions {
        let (name, event) = (&function.name, event(&function.name));
        let http = &event["requestContext"]["http"];
        let (method, path) = (http["method"].as_str().unwrap(), http["path"].as_str().unwrap());
        assert_eq!((&event["version"], event["rawPath"].as_str()), (&json!("2.0"), Some(path)), "{name}");
        let route = routes(function).into_iter().find(|route| fits(route, method, path));
        let route = route.unwrap_or_else(|| panic!("{name} has no route for {method} {path}"));
        let key = format!("{} {}", route.method, route.path);
        assert_eq!((&event["routeKey"], &event["requestContext"]["routeKey"]), (&json!(key), &json!(key)), "{name}");
        let parameters = route.path.matches('{').count();
        assert_eq!(event["pathParameters"].as_object().map_or(0, serde_json::Map::len), parameters, "{name}");
    }
}

fn fits(route: &Route, method: &str, path: &str) -> bool {
    let (wanted, given): (Vec<_>, Vec<_>) = (route.path.split('/').collect(), path.split('/').collect());
    let fits = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
    route.method == method && wanted.len() == given.len() && wanted.iter().zip(&given).all(fits)
}

#[test]
fn the_sweep_has_a_scheduled_event() {
    let template = template();
    let sweep = template.functions.iter().find(|function| function.name == "sweep-deadlines").unwrap();
    assert!(sweep.triggers.iter().any(|trigger| matches!(trigger, Trigger::Schedule(_))));
    let event = event("sweep-deadlines");
    assert_eq!((&event["source"], &event["detail-type"]), (&json!("aws.events"), &json!("Scheduled Event")));
}

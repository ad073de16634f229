//! Triggers on a real embedded broker and store, with functions played by the test.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::record::Feed;
use super::target::Target;
use super::topic::{Losses, Reader, Route};
use super::{RetryOrder, Triggers};
use crate::broker::{self, Broker};
use crate::function::{InvokeError, Source};
use crate::journal::{self, Memory, Saved};
use crate::store::{self, Store};
use crate::template::{
    Filter, Function, KafkaSource, KafkaTrigger, Polling, Schedule, StreamTrigger, Table, Template, Topic, Trigger,
};

const SOON: Duration = Duration::from_secs(20);

/// An invocation that the test has to answer.
struct Call {
    function: String,
    event: Value,
    answer: tokio::sync::oneshot::Sender<Result<Bytes, InvokeError>>,
}

impl Call {
    fn answer(self, json: Value) {
        self.answer.send(Ok(Bytes::from(json.to_string()))).unwrap();
    }

    fn fail(self) {
        self.answer.send(Err(InvokeError::Crashed("test".into()))).unwrap();
    }

    /// The offsets of a Kafka event's records, by partition.
    fn offsets(&self) -> Vec<(String, Vec<i64>)> {
        let offsets =
            |records: &Value| records.as_array().unwrap().iter().map(|r| r["offset"].as_i64().unwrap()).collect();
        self.event["records"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, records)| (key.clone(), offsets(records)))
            .collect()
    }
}

#[derive(Clone)]
struct Played(mpsc::UnboundedSender<Call>);

impl Target for Played {
    async fn invoke(&self, function: &str, payload: Bytes, _: Source) -> Result<Bytes, InvokeError> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let call = Call { function: function.into(), event: serde_json::from_slice(&payload).unwrap(), answer };
        self.0.send(call).map_err(|_| InvokeError::Stopping)?;
        answered.await.unwrap_or(Err(InvokeError::Stopping))
    }

    async fn until_running(&self, _: &str) {}
}

struct Stage {
    triggers: Triggers,
    calls: mpsc::UnboundedReceiver<Call>,
    store: store::Embedded,
    /// Ends with its last clone.
    _broker: Broker,
    bootstrap: String,
    producer: FutureProducer,
    said: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    async fn with(trigger: Trigger, order: RetryOrder) -> Self {
        Self::on(trigger, order, |store| Store::Embedded(store.clone())).await
    }

    async fn on(trigger: Trigger, order: RetryOrder, seen_as: impl Fn(&store::Embedded) -> Store) -> Self {
        let template = template(vec![trigger]);
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let say: crate::Say = Arc::new(move |line: &str| heard.lock().unwrap().push(line.to_owned()));
        let store = store::Embedded::start(0).await.unwrap();
        crate::provision::tables(store.endpoint(), &template.tables, &say).await.unwrap();
        let broker = broker::Embedded::start(&template.topics).unwrap();
        let bootstrap = broker.bootstrap().to_owned();
        let producer = ClientConfig::new().set("bootstrap.servers", &bootstrap).set("linger.ms", "0").create().unwrap();
        let (sender, calls) = mpsc::unbounded_channel();
        let (stores, brokers) = (seen_as(&store), Broker::Embedded(broker));
        let triggers =
            Triggers::start_on(&template, Played(sender), &stores, &brokers, Memory::default(), order, &say).unwrap();
        timeout(SOON, triggers.ready()).await.unwrap();
        Self { triggers, calls, store, _broker: brokers, bootstrap, producer, said }
    }

    async fn call(&mut self) -> Call {
        let call = timeout(SOON, self.calls.recv()).await.expect("no invocation came").unwrap();
        assert_eq!(call.function, "policy");
        call
    }

    async fn publish(&self, partition: i32, value: &str) {
        let record = FutureRecord::to("events").partition(partition).key("k").payload(value);
        self.producer.send(record, SOON).await.unwrap();
    }

    fn put(&self, id: &str, n: i64) {
        let put = json!({"TableName": "items", "Item": {"id": {"S": id}, "n": {"N": n.to_string()}}});
        self.store.call("PutItem", put.to_string().as_bytes()).unwrap();
    }

    async fn settled(&self) {
        let settle = async {
            while !self.triggers.pending().await.is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let settled = timeout(SOON, settle).await;
        assert!(settled.is_ok(), "not settled: {:?}; {:?}", self.triggers.pending().await, self.said.lock().unwrap());
    }

    /// Waits until so many records are read and not done.
    async fn until_read(&self, lag: u64) {
        let read = async {
            while self.triggers.lag("policy") < lag {
                tokio::task::yield_now().await;
            }
        };
        timeout(SOON, read).await.expect("not read");
    }

    /// What the group has committed on a partition of `events`.
    fn committed(&self, partition: i32) -> i64 {
        let client: BaseConsumer =
            ClientConfig::new().set("bootstrap.servers", &self.bootstrap).set("group.id", "policy").create().unwrap();
        let mut list = rdkafka::TopicPartitionList::new();
        list.add_partition("events", partition);
        let committed = client.committed_offsets(list, SOON).unwrap();
        committed.elements()[0].offset().to_raw().unwrap()
    }
}

/// A template with one function and what its triggers can be on.
fn template(triggers: Vec<Trigger>) -> Template {
    let function = Function {
        name: "policy".into(),
        logical_id: "Policy".into(),
        environment: Default::default(),
        timeout: SOON,
        memory_mib: 128,
        concurrency: 4,
        triggers,
        ..Function::default()
    };
    let table = Table {
        name: "items".into(),
        logical_id: "Items".into(),
        attributes: vec![("id".into(), "S".into())],
        key: vec!["id".into()],
        indexes: Vec::new(),
        stream: Some("NEW_IMAGE".into()),
        ttl: None,
        backed_up: false,
    };
    let topics =
        vec![Topic { name: "events".into(), partitions: 2 }, Topic { name: "dead-letters".into(), partitions: 1 }];
    Template { functions: vec![function], tables: vec![table], topics, ..Template::default() }
}

fn polling() -> Polling {
    Polling {
        batch_size: 10,
        window: Duration::ZERO,
        filter: Filter::default(),
        partial_answers: true,
        retries: None,
        record_age: None,
        bisect: false,
        on_failure: None,
        from_start: true,
        enabled: true,
    }
}

fn on_topic(polling: Polling) -> Trigger {
    Trigger::Kafka(KafkaTrigger {
        topic: "events".into(),
        group: "policy".into(),
        pollers: None,
        polling,
        source: KafkaSource::default(),
    })
}

fn on_stream(parallel: usize, polling: Polling) -> Trigger {
    Trigger::Stream(StreamTrigger { table: "items".into(), parallel, polling })
}

#[tokio::test]
async fn a_topics_record_looks_as_aws_shows_it_and_its_offset_is_committed_when_it_is_done() {
    let mut stage = Stage::with(on_topic(polling()), RetryOrder::FailedFirst).await;
    stage.settled().await;
    let headers = rdkafka::message::OwnedHeaders::new()
        .insert(rdkafka::message::Header { key: "h", value: Some(&[1_u8, 200][..]) });
    let record = FutureRecord::to("events").partition(1).key("k").payload("{}").headers(headers).timestamp(1234);
    stage.producer.send(record, SOON).await.unwrap();
    let call = stage.call().await;
    assert_eq!(
        call.event,
        json!({
            "eventSource": "SelfManagedKafka",
            "bootstrapServers": stage.bootstrap,
            "records": {"events-1": [{
                "topic": "events", "partition": 1, "offset": 0, "timestamp": 1234, "timestampType": "CREATE_TIME",
                "key": "aw==", "value": "e30=", "headers": [{"h": [1, -56]}],
            }]},
        })
    );
    assert!(!stage.triggers.pending().await.is_empty());
    assert_eq!(stage.triggers.lag("policy"), 1);
    call.answer(json!({"batchItemFailures": []}));
    stage.settled().await;
    assert_eq!((stage.committed(1), stage.triggers.lag("policy")), (1, 0));
}

#[tokio::test]
async fn a_partitions_records_wait_for_the_batch_before_them_other_partitions_do_not() {
    let mut stage = Stage::with(on_topic(polling()), RetryOrder::FailedFirst).await;
    stage.publish(0, "{}").await;
    let first = stage.call().await;
    stage.publish(0, "{}").await;
    stage.publish(0, "{}").await;
    stage.publish(1, "{}").await;
    let other = stage.call().await;
    assert_eq!(other.offsets(), [("events-1".into(), vec![0])]);
    stage.until_read(4).await;
    first.answer(json!(null));
    let second = stage.call().await;
    assert_eq!(second.offsets(), [("events-0".into(), vec![1, 2])]);
    second.answer(json!(null));
    other.answer(json!(null));
    stage.settled().await;
}

#[tokio::test]
async fn records_that_an_answer_names_come_again_before_later_ones() {
    let mut stage = Stage::with(on_topic(polling()), RetryOrder::FailedFirst).await;
    stage.publish(0, "{}").await;
    let call = stage.call().await;
    stage.publish(0, "{}").await;
    call.answer(json!({"batchItemFailures": [{"itemIdentifier": {"topic-partition": "events-0", "offset": 0}}]}));
    let again = stage.call().await;
    assert_eq!(again.offsets(), [("events-0".into(), vec![0])]);
    again.answer(json!(null));
    let next = stage.call().await;
    assert_eq!(next.offsets(), [("events-0".into(), vec![1])]);
    next.answer(json!(null));
    stage.settled().await;
}

#[tokio::test]
async fn in_the_other_order_later_records_come_first() {
    let mut stage = Stage::with(on_topic(polling()), RetryOrder::LaterFirst).await;
    stage.publish(0, "{}").await;
    let call = stage.call().await;
    stage.publish(0, "{}").await;
    call.fail();
    let next = stage.call().await;
    assert_eq!(next.offsets(), [("events-0".into(), vec![1])]);
    next.answer(json!(null));
    let again = stage.call().await;
    assert_eq!(again.offsets(), [("events-0".into(), vec![0])]);
    again.answer(json!(null));
    stage.settled().await;
}

#[tokio::test]
async fn a_filter_discards_what_does_not_match_and_what_is_not_json() {
    let filter = Filter::parse(&[r#"{"value":{"type":["Wanted"]}}"#]).unwrap();
    let mut stage = Stage::with(on_topic(Polling { filter, ..polling() }), RetryOrder::FailedFirst).await;
    for value in [r#"{"type":"Other"}"#, "garbage", r#"{"type":"Wanted"}"#, "[]"] {
        stage.publish(0, value).await;
    }
    let call = stage.call().await;
    assert_eq!(call.offsets(), [("events-0".into(), vec![2])]);
    call.answer(json!(null));
    stage.settled().await;
    assert_eq!(stage.committed(0), 4);
}

#[tokio::test]
async fn what_fails_too_often_goes_to_the_failure_destination() {
    let polling = Polling { retries: Some(1), on_failure: Some("dead-letters".into()), ..polling() };
    let mut stage = Stage::with(on_topic(polling), RetryOrder::FailedFirst).await;
    stage.publish(0, r#"{"n":1}"#).await;
    stage.call().await.fail();
    stage.call().await.answer(json!({"batchItemFailures": "malformed"}));
    stage.settled().await;
    let reader: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", &stage.bootstrap).set("group.id", "test").create().unwrap();
    let mut list = rdkafka::TopicPartitionList::new();
    list.add_partition_offset("dead-letters", 0, rdkafka::Offset::Beginning).unwrap();
    reader.assign(&list).unwrap();
    let message = reader.poll(SOON).unwrap().unwrap();
    let letter: Value = serde_json::from_slice(rdkafka::Message::payload(&message).unwrap()).unwrap();
    assert_eq!(letter["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(letter["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(letter["payload"]["records"]["events-0"][0]["offset"], 0);
    assert!(stage.said.lock().unwrap().iter().any(|line| line.contains("dead-letters")));
}

#[tokio::test]
async fn a_streams_write_is_pending_until_its_record_is_done() {
    let mut stage = Stage::with(on_stream(1, polling()), RetryOrder::FailedFirst).await;
    stage.put("a", 1);
    assert!(!stage.triggers.pending().await.is_empty());
    let call = stage.call().await;
    let record = &call.event["Records"][0];
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["dynamodb"]["NewImage"], json!({"id": {"S": "a"}, "n": {"N": "1"}}));
    assert!(!stage.triggers.pending().await.is_empty());
    call.answer(json!({"batchItemFailures": []}));
    stage.settled().await;
}

#[tokio::test]
async fn a_given_stores_stream_is_read_through_its_api() {
    let given = |store: &store::Embedded| Store::Remote(store::Remote::at(store.endpoint()));
    let mut stage = Stage::on(on_stream(1, polling()), RetryOrder::FailedFirst, given).await;
    stage.settled().await;
    stage.put("a", 1);
    assert!(!stage.triggers.pending().await.is_empty());
    let call = stage.call().await;
    let record = &call.event["Records"][0];
    assert_eq!(record["dynamodb"]["NewImage"], json!({"id": {"S": "a"}, "n": {"N": "1"}}));
    let sequence = record["dynamodb"]["SequenceNumber"].clone();
    call.answer(json!({"batchItemFailures": [{"itemIdentifier": sequence}]}));
    stage.call().await.answer(json!(null));
    stage.settled().await;
}

#[tokio::test]
async fn a_stream_starts_again_at_the_lowest_record_that_failed() {
    let mut stage = Stage::with(on_stream(1, polling()), RetryOrder::FailedFirst).await;
    stage.put("a", 0);
    let first = stage.call().await;
    for n in 1..4 {
        stage.put("a", n);
    }
    stage.until_read(4).await;
    first.answer(json!(null));
    let call = stage.call().await;
    let ns = |call: &Call| -> Vec<String> {
        let records = call.event["Records"].as_array().unwrap();
        records.iter().map(|record| record["dynamodb"]["NewImage"]["n"]["N"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ns(&call), ["1", "2", "3"]);
    let failed = call.event["Records"][1]["dynamodb"]["SequenceNumber"].clone();
    call.answer(json!({"batchItemFailures": [{"itemIdentifier": failed}]}));
    let again = stage.call().await;
    assert_eq!(ns(&again), ["2", "3"]);
    again.answer(json!(null));
    stage.settled().await;
}

#[tokio::test]
async fn items_of_a_stream_are_worked_on_in_parallel_each_in_order() {
    let mut stage = Stage::with(on_stream(4, polling()), RetryOrder::FailedFirst).await;
    for n in 0..20 {
        stage.put(&format!("item{}", n % 10), n);
    }
    let (first, second) = (stage.call().await, stage.call().await);
    let ids = |call: &Call| -> Vec<String> {
        let records = call.event["Records"].as_array().unwrap();
        records.iter().map(|record| record["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap().to_owned()).collect()
    };
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    for call in [first, second] {
        call.answer(json!(null));
    }
    let rest = async {
        while !stage.triggers.pending().await.is_empty() {
            if let Ok(call) = stage.calls.try_recv() {
                call.answer(json!(null));
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, rest).await.unwrap();
}

#[tokio::test]
async fn passed_stream_records_are_deleted_within_seconds_unread_ones_are_not() {
    let mut stage = Stage::with(on_stream(1, polling()), RetryOrder::FailedFirst).await;
    stage.put("a", 1);
    stage.put("b", 1);
    let mut call = stage.call().await;
    let count = |stage: &Stage| stage.store.read_stream("items", store::Sequence(0), 100).unwrap().len();
    assert_eq!(count(&stage), 2);
    call.answer(json!(null));
    while stage.triggers.lag("policy") > 0 {
        tokio::select! {
            next = stage.calls.recv() => { call = next.unwrap(); call.answer(json!(null)); }
            () = tokio::time::sleep(Duration::from_millis(5)) => {}
        }
    }
    let trimmed = async {
        while count(&stage) > 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, trimmed).await.unwrap();
}

/// Reads all of the topic `events` from its beginning.
fn reader_of_events(broker: &broker::Embedded, feed: mpsc::UnboundedSender<Feed>) -> Reader {
    let route = Route { filter: Filter::default(), from: BTreeMap::new(), feed };
    Reader {
        routes: HashMap::from([("events".into(), vec![route])]),
        broker: Broker::Embedded(broker.clone()).seen(),
        say: Arc::new(|_| ()),
        failing: Arc::default(),
        paused_by: None,
        losses: None,
        journal: None,
    }
}

#[tokio::test]
async fn records_that_the_broker_did_not_keep_are_missed_aloud() {
    let topics = [Topic { name: "events".into(), partitions: 1 }];
    let broker = broker::Embedded::start(&topics).unwrap();
    let producer: FutureProducer = ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create().unwrap();
    // The broker keeps 5 MiB of a partition.
    let large = "x".repeat(900_000);
    for _ in 0..7 {
        producer.send(FutureRecord::to("events").partition(0).key("k").payload(&large), SOON).await.unwrap();
    }
    let consumer = broker::reader(broker.bootstrap(), &topics).unwrap();
    let (feed, mut arrived) = mpsc::unbounded_channel();
    let losses = Losses::default();
    let reader = Reader { losses: Some(losses.clone()), ..reader_of_events(&broker, feed) };
    tokio::select! {
        () = reader.read(&consumer) => {}
        read = timeout(SOON, arrived.recv()) => drop(read.expect("nothing was read")),
    }
    assert!(losses.list()[0].contains("events 0: records 0 to"), "{:?}", losses.list());
}

#[tokio::test]
async fn a_burst_longer_than_a_haul_is_read_whole() {
    const BURST: i64 = 1_600;
    let topics = [Topic { name: "events".into(), partitions: 1 }];
    let broker = broker::Embedded::start(&topics).unwrap();
    let client = ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).set("linger.ms", "100").clone();
    let producer: FutureProducer = client.create().unwrap();
    let mut sent = Vec::new();
    for _ in 0..BURST {
        let record = FutureRecord::to("events").partition(0).key("k").payload("{}");
        sent.push(producer.send_result(record).map_err(|(error, _)| error).unwrap());
    }
    for sent in sent {
        sent.await.unwrap().map_err(|(error, _)| error).unwrap();
    }
    let consumer = broker::reader(broker.bootstrap(), &topics).unwrap();
    // The client fetches ahead, so that more than a haul is there at once.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (feed, mut fed) = mpsc::unbounded_channel();
    let reader = reader_of_events(&broker, feed);
    let all = async {
        let mut positions = Vec::new();
        while positions.last() != Some(&(BURST - 1)) {
            let Some(Feed::Arrived(arrivals)) = fed.recv().await else { panic!("the reader has ended") };
            positions.extend(arrivals.iter().map(|arrival| arrival.position));
        }
        positions
    };
    tokio::select! {
        () = reader.read(&consumer) => {}
        read = timeout(SOON, all) => assert_eq!(read.expect("not read"), (0..BURST).collect::<Vec<_>>()),
    }
}

#[tokio::test]
async fn a_disabled_trigger_keeps_its_positions_and_what_it_has_not_read() {
    let store = store::Embedded::with_items().await;
    for id in ["a", "b", "c"] {
        let put = json!({"TableName": "items", "Item": {"id": {"S": id}}});
        store.call("PutItem", put.to_string().as_bytes()).unwrap();
    }
    let records = || store.read_stream("items", store::Sequence(0), 10).unwrap();
    let (passed, last) = (records()[1].sequence, records()[2].sequence);
    let before = BTreeMap::from([
        (journal::Reader::of_stream("policy", "items"), BTreeMap::from([(0, passed.0 + 1)])),
        (journal::Reader::of_topic("policy", "events"), BTreeMap::from([(1, 7)])),
        (journal::Reader::of_topic("gone", "events"), BTreeMap::from([(1, 7)])),
    ]);
    Saved::open(store.clone()).unwrap().save(before.clone()).unwrap();

    let disabled = || Polling { enabled: false, ..polling() };
    let template = template(vec![on_stream(1, disabled()), on_topic(disabled())]);
    let broker = Broker::Embedded(broker::Embedded::start(&template.topics).unwrap());
    let memory = Memory { journal: None, saved: Some(Saved::open(store.clone()).unwrap()) };
    let (played, order) = (Played(mpsc::unbounded_channel().0), RetryOrder::FailedFirst);
    let say: crate::Say = Arc::new(|_| ());
    let seen = Store::Embedded(store.clone());
    let triggers = Triggers::start_on(&template, played, &seen, &broker, memory, order, &say).unwrap();
    let trimmed = async {
        while records().len() > 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, trimmed).await.unwrap();
    assert_eq!(records().last().map(|record| record.sequence), Some(last));
    assert_eq!(records().len(), 2);
    triggers.stop().await;
    let after = Saved::open(store.clone()).unwrap();
    for (reader, next) in before {
        let kept = if reader.reader == "gone" { BTreeMap::new() } else { next };
        assert_eq!(after.of(&reader), kept);
    }
}

#[tokio::test]
async fn a_schedule_fires_at_the_start_and_again_when_it_was_killed() {
    let schedule = Schedule { period: Duration::from_secs(3600), input: None };
    let mut stage = Stage::with(Trigger::Schedule(schedule), RetryOrder::FailedFirst).await;
    let call = stage.call().await;
    assert_eq!(call.event["detail-type"], "Scheduled Event");
    assert!(call.event["time"].is_string());
    assert!(stage.triggers.pending().await.is_empty());
    call.fail();
    stage.call().await.answer(json!(0));
    stage.triggers.stop().await;
}

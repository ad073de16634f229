//! What a template says runs: functions, triggers, tables, topics, routes; every intrinsic resolved.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::filter::Filter;
use super::role::Permissions;

/// A template with its parameters filled in and its conditions decided.
#[derive(Debug, Clone, Default)]
pub struct Template {
    /// Functions in the template's order.
    pub functions: Vec<Function>,
    /// DynamoDB tables in the template's order.
    pub tables: Vec<Table>,
    /// Kafka topics, from `Metadata.Whenever.Topics`.
    pub topics: Vec<Topic>,
    /// Sparse indexes of aggregates that wait for a deadline, from `Metadata.Whenever.Deadlines`.
    pub deadlines: Vec<DeadlineIndex>,
    /// The table that parked records are listed from, from `Metadata.Whenever.DeadLetters`.
    pub dead_letters: Option<String>,
    /// Systems that functions call, from `Metadata.Whenever.Outside`.
    pub outside: Vec<OutsideSystem>,
    /// How many `AWS::CloudWatch::Alarm` there are; nothing here runs them.
    pub alarms: usize,
}

/// The environment variable of functions that publish to Kafka: the brokers, `host:port`, comma-separated.
pub const KAFKA_BOOTSTRAP_SERVERS: &str = "KAFKA_BOOTSTRAP_SERVERS";

/// One Lambda function. Its name is its folder's name.
#[derive(Debug, Clone, Default)]
pub struct Function {
    /// The folder's name under `functions/`, also the binary's and the package's name.
    pub name: String,
    /// The key under `Resources`.
    pub logical_id: String,
    /// Environment variables, values resolved.
    pub environment: BTreeMap<String, String>,
    /// After this long an invocation is ended by killing its process.
    pub timeout: Duration,
    /// `MemorySize` in MiB; handed to the function, not enforced.
    pub memory_mib: u32,
    /// `ReservedConcurrentExecutions`, else 4: the most processes at a time.
    pub concurrency: usize,
    /// What invokes it.
    pub triggers: Vec<Trigger>,
    /// What it may do.
    pub permissions: Permissions,
    /// `LoggingConfig.LogGroup`.
    pub log_group: Option<String>,
    /// `VpcConfig` puts it into a network of its own.
    pub in_vpc: bool,
}

impl Function {
    /// Whether it may publish to Kafka: the template tells it where the brokers are.
    #[must_use]
    pub fn publishes(&self) -> bool {
        self.environment.contains_key(KAFKA_BOOTSTRAP_SERVERS)
    }
}

/// What invokes a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// A route of the HTTP API.
    Http(Route),
    /// A topic.
    Kafka(KafkaTrigger),
    /// A table's stream.
    Stream(StreamTrigger),
    /// A schedule.
    Schedule(Schedule),
}

/// A route of the HTTP API (payload format 2.0).
#[derive(Debug, Clone)]
pub struct Route {
    /// Upper case, or `ANY`.
    pub method: String,
    /// As API Gateway writes it: `/orders/{id}`, `/{proxy+}`.
    pub path: String,
}

/// What Kafka and stream triggers share.
#[derive(Debug, Clone)]
pub struct Polling {
    /// `BatchSize`.
    pub batch_size: usize,
    /// `MaximumBatchingWindowInSeconds`.
    pub window: Duration,
    /// `FilterCriteria`; empty lets everything through.
    pub filter: Filter,
    /// `FunctionResponseTypes` has `ReportBatchItemFailures`.
    pub partial_answers: bool,
    /// `MaximumRetryAttempts`; `None` is without limit.
    pub retries: Option<u32>,
    /// `MaximumRecordAgeInSeconds`; `None` is without limit.
    pub record_age: Option<Duration>,
    /// `BisectBatchOnFunctionError`.
    pub bisect: bool,
    /// `DestinationConfig.OnFailure`: the topic of `kafka://TOPIC`.
    pub on_failure: Option<String>,
    /// `StartingPosition` is `TRIM_HORIZON`, not `LATEST`.
    pub from_start: bool,
    /// `Enabled`, true where absent.
    pub enabled: bool,
}

/// An `AWS::Lambda::EventSourceMapping` on a topic.
#[derive(Debug, Clone)]
pub struct KafkaTrigger {
    /// The topic read.
    pub topic: String,
    /// `ConsumerGroupId`.
    pub group: String,
    /// `ProvisionedPollerConfig`, where given; what is polled here is always one lane a partition.
    pub pollers: Option<Pollers>,
    /// Batches, filter, limits.
    pub polling: Polling,
    /// Where the topic is in AWS; the local stack has brokers of its own.
    pub source: KafkaSource,
}

/// The brokers of a Kafka trigger in AWS, and how its pollers get in.
#[derive(Debug, Clone, Default)]
pub struct KafkaSource {
    /// `EventSourceArn`: the MSK cluster.
    pub cluster: Option<String>,
    /// `SourceAccessConfigurations`: type and URI.
    pub access: Vec<(String, String)>,
}

/// Pollers that Lambda keeps ready for a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pollers {
    /// `MinimumPollers`.
    pub minimum: u32,
    /// `PollerGroupName`: mappings of one group share their capacity.
    pub group: Option<String>,
}

/// An event source mapping on a table's stream.
#[derive(Debug, Clone)]
pub struct StreamTrigger {
    /// The table's name (`Table::name`).
    pub table: String,
    /// `ParallelizationFactor`: how many batches of one shard run at a time, kept apart by item key.
    pub parallel: usize,
    /// Batches, filter, limits.
    pub polling: Polling,
}

/// A schedule event.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// `rate(...)`.
    pub period: Duration,
    /// `Input`, where given; else an EventBridge scheduled event is sent.
    pub input: Option<String>,
}

/// A DynamoDB table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// `TableName`, or the logical id where there is none.
    pub name: String,
    /// The key under `Resources`.
    pub logical_id: String,
    /// Attribute name to type (`S`, `N`, `B`).
    pub attributes: Vec<(String, String)>,
    /// Partition key, then the sort key if there is one.
    pub key: Vec<String>,
    /// Global secondary indexes.
    pub indexes: Vec<Index>,
    /// `StreamViewType`, where there is a stream.
    pub stream: Option<String>,
    /// The TTL attribute, where enabled.
    pub ttl: Option<String>,
    /// `PointInTimeRecoveryEnabled`; nothing here backs it up.
    pub backed_up: bool,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// `IndexName`.
    pub name: String,
    /// Partition key, then the sort key if there is one.
    pub key: Vec<String>,
    /// `KEYS_ONLY`, `ALL` or `INCLUDE`.
    pub projection: String,
    /// `NonKeyAttributes` of `INCLUDE`.
    pub include: Vec<String>,
}

/// A Kafka topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Partitions it is created with.
    pub partitions: i32,
}

/// A sparse index in which an item stands for as long as its aggregate waits.
#[derive(Debug, Clone)]
pub struct DeadlineIndex {
    /// The table's name.
    pub table: String,
    /// The index's name.
    pub index: String,
}

/// A system outside of the template that functions call over HTTP.
#[derive(Debug, Clone)]
pub struct OutsideSystem {
    /// What it is called here.
    pub name: String,
    /// The parameter that holds its URL.
    pub parameter: String,
}

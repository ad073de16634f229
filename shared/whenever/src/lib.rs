//! Event policies on serverless functions: *whenever* `OrderCreated`, start the delivery.
//!
//! An [`Aggregate`] is one item with one transition function. A [`Command`] says which aggregates it touches and asks something
//! of them; it runs in a [`World`] that holds just those. A [`Policy`] turns each [`Event`] that it listens to into a command.
//! The runner decodes a batch, groups it, loads, folds and commits: one conditional write changes the state and records in the
//! item's outbox what has happened. The [`Relay`] reads the outbox from the table's stream and publishes it.
//!
//! | a function that … | is a |
//! |---|---|
//! | answers events with changes | [`Policy`] |
//! | writes one item per event | [`Projection`] |
//! | tells an outside system of events | [`Webhook`] |
//! | ends what waited too long | [`Sweep`] |
//! | answers HTTP calls | [`http::Api`] |
//! | moves outboxes to Kafka | [`Relay`] |
//! | keeps what Lambda gave up on | [`Collector`] |
//!
//! Each is made in `main` and handed to `run`. The outside world is reached through [`ports`] alone; the AWS SDK, librdkafka,
//! the HTTP client and the Lambda runtime are behind the features `lambda`, `kafka` and `outside`. [`kit`] tests commands with given / when / then.

mod aggregate;
#[cfg(feature = "lambda")]
mod aws;
mod batch;
mod collector;
mod command;
mod commit;
mod dead_letter;
#[cfg(feature = "lambda")]
mod dynamodb;
mod envelope;
mod event;
pub mod http;
mod id;
mod invocation;
pub mod item;
#[cfg(feature = "kafka")]
mod kafka;
mod kafka_batch;
pub mod kit;
mod lambda;
mod listen;
mod marker;
mod needs;
mod numbering;
mod object;
mod outbox;
#[cfg(feature = "outside")]
mod outside;
mod policy;
pub mod ports;
mod projection;
mod recent;
mod record;
mod relay;
mod settings;
#[cfg(feature = "simulation")]
pub mod simulation;
mod sweep;
mod timestamp;
mod webhook;
mod world;

pub use aggregate::{Aggregate, Decision, Refusal};
pub use collector::Collector;
pub use command::{Access, AggregateKey, Ask, Command, Touches};
pub use dead_letter::{Letter, TABLE as DEAD_LETTERS};
#[cfg(feature = "lambda")]
pub use dead_letter::{Letterbox, Removal};
#[cfg(feature = "lambda")]
pub use dynamodb::DynamoStore;
pub use envelope::{Envelope, SPECVERSION, Undecodable};
pub use event::{Announcement, Emission, Event, Received};
pub use id::{digest, digest_bytes, event_id, uuid_v7};
pub use invocation::Invocation;
#[cfg(feature = "kafka")]
pub use kafka::{KafkaAccess, KafkaBroker, KafkaConnection, NotConnected};
pub use kafka_batch::kafka_event;
pub use lambda::{Answer, Function, NotHandled, Payload, stream_event};
#[cfg(feature = "lambda")]
pub use lambda::{SystemClock, SystemEntropy, TELL_NEEDS, run};
pub use marker::{OncePerEvent, once};
pub use needs::{Action, Needs, Place, Tables, table_variable};
pub use numbering::{Counter, CreateNumbered, Numbered};
pub use outbox::{BadOutbox, Cause, Outgoing, outgoing};
#[cfg(feature = "outside")]
pub use outside::HttpOutside;
pub use policy::Policy;
pub use projection::Projection;
pub use record::{EventRef, Handled, Outcome, Record};
pub use relay::{Change, Relay};
pub use settings::{SettingError, Settings};
pub use sweep::{DUE_INDEX, Sweep, Swept};
pub use timestamp::{NotATimestamp, Timestamp};
pub use webhook::Webhook;
pub use world::World;

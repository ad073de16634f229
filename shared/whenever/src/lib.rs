//! Event policies on serverless functions: *whenever* an event happens, run a policy.

mod aggregate;
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
#[cfg(feature = "lambda")]
mod lambda;
mod marker;
mod outbox;
mod policy;
pub mod ports;
mod projection;
mod record;
mod relay;
mod sweep;
mod timestamp;
mod world;

pub use aggregate::{Aggregate, Decision, Refusal};
pub use collector::Collector;
pub use command::{Access, AggregateKey, Ask, Command, Touches};
pub use dead_letter::TABLE as DEAD_LETTERS;
#[cfg(feature = "lambda")]
pub use dynamodb::DynamoStore;
pub use envelope::{Envelope, SPECVERSION, Undecodable};
pub use event::{Emission, Event, Received};
pub use id::{digest, digest_bytes, event_id, uuid_v7};
pub use invocation::Invocation;
#[cfg(feature = "kafka")]
pub use kafka::KafkaBroker;
#[cfg(feature = "lambda")]
pub use lambda::{Answer, Function, NotHandled, Payload, SettingError, Settings, SystemClock, SystemEntropy, run};
pub use marker::{OncePerEvent, once};
pub use outbox::{BadOutbox, Cause, Outgoing, outgoing};
pub use policy::Policy;
pub use projection::Projection;
pub use record::{EventRef, Handled, Outcome, Record};
pub use relay::{Change, Relay};
pub use sweep::{DUE_INDEX, Sweep, Swept};
pub use timestamp::{NotATimestamp, Timestamp};
pub use world::World;

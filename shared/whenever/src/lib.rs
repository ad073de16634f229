//! Event policies on serverless functions: *whenever* an event happens, run a policy.

mod aggregate;
mod command;
mod commit;
mod envelope;
mod event;
mod id;
pub mod item;
pub mod kit;
mod outbox;
pub mod ports;
mod timestamp;
mod world;

pub use aggregate::{Aggregate, Decision, Refusal};
pub use command::{Access, AggregateKey, Ask, Command, Touches};
pub use envelope::{Envelope, SPECVERSION, Undecodable};
pub use event::{Emission, Event, Received};
pub use id::{digest, digest_bytes, event_id, uuid_v7};
pub use outbox::{BadOutbox, Cause, Outgoing, outgoing};
pub use timestamp::{NotATimestamp, Timestamp};
pub use world::World;

//! Deterministic simulation: functions as they ship, in one thread, on a table store, a broker and clocks in which everything goes
//! wrong that can, and which a seed repeats exactly.
//!
//! What is simulated are the [`crate::ports`] and Lambda's triggers. Policies, runner, commit, relay, sweep and HTTP functions are
//! the real ones. A run goes through three parts: faults, then calm until nothing is left to do, then records of long ago that come
//! once more. After that the caller looks whether all is as it must be.
//!
//! ```
//! # use std::time::Duration;
//! # use whenever::{Ask, Aggregate, Decision, Event, Policy, Refusal, Timestamp};
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Deserialize)] struct LightSwitched { lamp: String }
//! # impl Event for LightSwitched { const TYPE: &'static str = "LightSwitched"; const TOPIC: &'static str = "lamps"; }
//! # #[derive(Debug, Clone, Serialize, Deserialize)] struct Lamp { on: bool }
//! # impl Aggregate for Lamp {
//! #     const KIND: &'static str = "lamp"; const TABLE: &'static str = "lamps"; type Command = ();
//! #     fn transition(_: Option<&Self>, (): (), _: Timestamp) -> Result<Decision<Self>, Refusal> { Ok(Decision::silent(Lamp { on: true })) }
//! # }
//! use whenever::ports::Message;
//! use whenever::simulation::{Setup, Simulation, Subscription, Table};
//!
//! let mut simulation = Simulation::new(&Setup::seeded(7));
//! simulation.table(Table { name: "lamps", indexes: Vec::new(), streamed: false });
//! simulation.topic("lamps", 1);
//! simulation.function("light-lamp", Duration::from_secs(30), || {
//!     Policy::named("light-lamp").whenever(|event: &whenever::Received<LightSwitched>| Ask::<Lamp>::existing(&event.lamp, ()))
//! });
//! simulation.on_topic("light-lamp", Subscription::to("lamps"));
//! let value = br#"{"specversion": "1.0", "id": "1", "source": "/wall", "type": "LightSwitched",
//!     "time": "2026-01-01T00:00:00.000Z", "data": {"lamp": "7"}}"#.to_vec();
//! simulation.client().publish(Message { topic: "lamps".to_owned(), key: "7".to_owned(), value });
//! assert!(simulation.run(Duration::from_secs(60)).is_ok());
//! assert_eq!(simulation.items().count(), 1);
//! ```

mod broker;
mod client;
mod clock;
mod core;
mod disturb;
mod executor;
mod faults;
mod function;
mod history;
mod look;
mod order;
mod outside;
mod random;
mod run;
mod sabotage;
mod setup;
mod store;
mod timers;
mod topics;
mod trigger;

pub use client::{Client, UnderWay};
pub use faults::{Fault, Faults};
pub use function::Function;
pub use history::History;
pub use random::Random;
pub use run::{NotSettled, Simulation};
pub use sabotage::Sabotage;
pub use setup::Setup;
pub use store::{Index, Table};
pub use trigger::{Filter, Subscription};

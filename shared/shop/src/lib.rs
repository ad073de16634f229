//! The shop's domain: one module per bounded context, each with its state machines, its events and what it does whenever
//! something happens. Pure: no tables, no broker, no clock.
//!
//! An order goes through its contexts by events alone: [`order`] creates it, [`delivery`] starts, [`inventory`] takes the
//! stock, [`payment`] takes the money, [`order`] places it. Whoever fails says so in an event, and every context that had
//! done something undoes it. Beside them, [`catalog`] counts what customers like, look at and buy, and [`data_platform`] says what
//! is told outside.

pub mod catalog;
pub mod coupon;
pub mod data_platform;
pub mod delivery;
mod event_types;
pub mod invariants;
pub mod inventory;
pub mod order;
pub mod payment;
#[cfg(test)]
mod saga_tests;
mod topic;
pub mod values;

pub use event_types::{EventType, event_types, topics};
pub use topic::{CATALOG_EVENTS, COUPON_EVENTS, ORDER_EVENTS};

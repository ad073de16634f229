//! Harness of the end-to-end tests: a local stack that a binary's tests share, and what they do with it and look at.

mod apart;
pub mod broker;
mod client;
mod coupons;
mod deliver;
mod fail;
mod faults;
mod leave;
mod look;
mod memory;
mod place;
mod platform;
mod secrets;
pub mod secured;
mod shop;
mod stage;
pub mod table_store;
mod tables;
mod topic;

pub use apart::run_apart;
pub use client::{Answer, Client};
pub use fail::fail;
pub use look::types;
pub use secrets::Secrets;
pub use shop::Shop;
pub use stage::Stage;

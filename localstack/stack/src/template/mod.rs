//! A SAM template, read into what it says runs.

pub mod arn;
mod error;
mod events;
mod fields;
mod filter;
mod functions;
mod intrinsic;
mod mapping;
mod metadata;
mod model;
mod parameters;
mod polling;
mod read;
mod resolve;
mod role;
mod roles;
mod routes;
mod rule;
mod rules;
mod tables;

pub use error::Error;
pub use filter::Filter;
pub use model::*;
pub use role::{Effect, Permissions, Role, Statement};

#[cfg(test)]
mod tests;

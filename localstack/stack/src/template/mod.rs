//! A SAM template, read into what it says runs.

pub mod filter;
pub mod model;
mod rule;

pub use filter::Filter;
pub use model::*;

//! Creating what a template needs and a store or broker does not have yet. What exists is accepted as it is.

mod tables;
mod topics;

pub use tables::tables;
pub use topics::{Action, Step, Wish, topics};

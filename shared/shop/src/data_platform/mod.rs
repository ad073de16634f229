//! The data platform: an outside system that is told which orders were confirmed, and which of those were cancelled.

mod notice;
#[cfg(test)]
mod tests;

pub use notice::{OrderNotice, cancelled, confirmed};

/// The context's table: markers of what the platform has taken.
pub const TABLE: &str = "data-platform";

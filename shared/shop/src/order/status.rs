//! The words for where an order stands, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Delivery, stock or payment are still to come.
    Pending,
    /// All is done.
    Placed,
    /// One step failed, or the deadline passed.
    Rejected,
    /// The customer wants it no more.
    Cancelled,
}

/// Why an order was refused or given up: one word that never changes afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Reason {
    /// The address cannot be delivered to.
    Delivery,
    /// A product is unknown or short.
    Inventory,
    /// The customer has no such coupon, or has used it.
    Coupon,
    /// The balance does not suffice.
    Payment,
    /// It was not done in time.
    Deadline,
    /// The customer cancelled.
    Customer,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Pending => "PENDING",
            Status::Placed => "PLACED",
            Status::Rejected => "REJECTED",
            Status::Cancelled => "CANCELLED",
        })
    }
}

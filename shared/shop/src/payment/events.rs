//! What payments emit.

use serde::Deserialize;

use crate::topic::events;
use crate::values::{Bill, CustomerId, OrderId};

events!(ORDER_EVENTS: PaymentCompleted, PaymentFailed, PaymentRefunded);

/// The customer has paid.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentCompleted {
    /// The order.
    pub order_id: OrderId,
    /// Who paid.
    pub customer_id: CustomerId,
    /// What was paid.
    #[serde(flatten)]
    pub bill: Bill,
}

/// The customer has no account, or not enough on it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentFailed {
    /// The order.
    pub order_id: OrderId,
    /// Why, for people.
    pub message: String,
}

/// What had been paid for an order was given back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentRefunded {
    /// The order.
    pub order_id: OrderId,
    /// Who was given it back.
    pub customer_id: CustomerId,
    /// `payable` is what was given back.
    #[serde(flatten)]
    pub bill: Bill,
}

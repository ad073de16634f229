//! What reservations emit.

use serde::Deserialize;
use whenever::Timestamp;

use crate::topic::events;
use crate::values::{CouponId, CustomerId, Lines, Money, OrderId};

events!(ORDER_EVENTS: StockDecreased, StockDecreaseFailed, StockIncreased);

/// All lines of an order were taken from the stock.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockDecreased {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// What was taken, with prices.
    pub items: Lines,
    /// The coupon that the order is to be paid with.
    pub coupon_id: Option<CouponId>,
    /// The price of all lines.
    pub total: Money,
    /// After this, no work on the order is started.
    pub due_at: Timestamp,
}

/// Nothing was taken: a product is unknown or short.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockDecreaseFailed {
    /// The order.
    pub order_id: OrderId,
    /// Why, for people.
    pub message: String,
}

/// What had been taken for an order was given back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockIncreased {
    /// The order.
    pub order_id: OrderId,
    /// What was given back.
    pub items: Lines,
}

//! What deliveries emit.

use serde::Deserialize;
use whenever::Timestamp;

use crate::topic::events;
use crate::values::{Address, CouponId, CustomerId, Lines, OrderId};

events!(ORDER_EVENTS: DeliveryStarted, DeliveryFailed, DeliveryModified, DeliveryCompleted, DeliveryCancelled);

/// The delivery is under way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryStarted {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// What is delivered.
    pub items: Lines,
    /// Where to.
    pub address: Address,
    /// The coupon that the order is to be paid with.
    pub coupon_id: Option<CouponId>,
    /// After this, no work on the order is started.
    pub due_at: Timestamp,
}

/// Nothing is delivered to the address.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryFailed {
    /// The order.
    pub order_id: OrderId,
    /// Why, for people.
    pub message: String,
}

/// The delivery goes to another address than before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryModified {
    /// The order.
    pub order_id: OrderId,
    /// Where to, now.
    pub address: Address,
}

/// The delivery has arrived.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryCompleted {
    /// The order.
    pub order_id: OrderId,
}

/// A delivery that had been started was called back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryCancelled {
    /// The order.
    pub order_id: OrderId,
    /// What was to be delivered: names the products; how many were taken, only the reservation knows.
    pub items: Lines,
}

//! What orders emit.

use serde::Deserialize;
use whenever::{Event, Timestamp};

use super::{Reason, Status};
use crate::topic::events;
use crate::values::{Address, Bill, CouponId, CustomerId, Lines, Modification, OrderId};

events!(ORDER_EVENTS: OrderCreated, OrderPlaced, OrderModified, OrderRejected, OrderCancelled, DeadlineReached);

/// An order was accepted; it is PENDING.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCreated {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// What was ordered.
    pub items: Lines,
    /// Where to.
    pub address: Address,
    /// The coupon that it is to be paid with.
    pub coupon_id: Option<CouponId>,
    /// After this, no work on the order is started.
    pub due_at: Timestamp,
}

/// Delivery, stock and payment are done.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPlaced {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// What was sold.
    pub items: Lines,
    /// The coupon that it was paid with.
    pub coupon_id: Option<CouponId>,
    /// What it cost.
    #[serde(flatten)]
    pub bill: Bill,
}

/// The customer wants it delivered elsewhere.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderModified {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// What was ordered.
    pub items: Lines,
    /// Where to, now.
    pub address: Address,
    /// Which modification it is.
    pub modification: Modification,
}

/// A step failed or the deadline passed. Compensations obey it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRejected {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// The coupon that it was to be paid with.
    pub coupon_id: Option<CouponId>,
    /// Why.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
}

/// The customer wants the order no more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCancelled {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// What was ordered.
    pub items: Lines,
    /// The coupon that it was, or was to be, paid with.
    pub coupon_id: Option<CouponId>,
    /// Why.
    pub reason: Reason,
    /// What the order was before: only what was PLACED had been sold.
    pub from: Status,
    /// What it cost; known where it was PLACED.
    #[serde(flatten)]
    pub bill: Option<Bill>,
}

/// The order was still PENDING after its deadline. `OrderRejected` follows it in the same write.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadlineReached {
    /// The order.
    pub order_id: OrderId,
    /// The deadline.
    pub due_at: Timestamp,
}

/// An event after which an order keeps no delivery, no stock, no coupon and no money.
pub trait OrderEnd: Event {
    /// The order.
    fn order_id(&self) -> &OrderId;
    /// Whose account is given its money back.
    fn customer_id(&self) -> &CustomerId;
    /// The coupon that the customer is given back.
    fn coupon_id(&self) -> Option<&CouponId>;
}

impl OrderEnd for OrderRejected {
    fn order_id(&self) -> &OrderId {
        &self.order_id
    }

    fn customer_id(&self) -> &CustomerId {
        &self.customer_id
    }

    fn coupon_id(&self) -> Option<&CouponId> {
        self.coupon_id.as_ref()
    }
}

impl OrderEnd for OrderCancelled {
    fn order_id(&self) -> &OrderId {
        &self.order_id
    }

    fn customer_id(&self) -> &CustomerId {
        &self.customer_id
    }

    fn coupon_id(&self) -> Option<&CouponId> {
        self.coupon_id.as_ref()
    }
}

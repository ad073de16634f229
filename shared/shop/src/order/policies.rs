//! What orders do: for their customers, and whenever something happens elsewhere.

use whenever::{Ask, Event, Received};

use super::{NewOrder, Order, OrderCommand, Reason};
use crate::coupon::CouponReserveFailed;
use crate::delivery::DeliveryFailed;
use crate::inventory::StockDecreaseFailed;
use crate::payment::{PaymentCompleted, PaymentFailed};
use crate::values::{Address, OrderId};

/// A customer orders.
#[must_use]
pub fn create(order: NewOrder) -> Ask<Order> {
    Ask::first(order.order_id.to_string(), OrderCommand::Create(order))
}

/// A customer wants an order delivered to `address`.
#[must_use]
pub fn modify(order_id: &OrderId, address: Address) -> Ask<Order> {
    Ask::existing(order_id.as_str(), OrderCommand::Modify(address))
}

/// A customer wants an order no more.
#[must_use]
pub fn cancel(order_id: &OrderId) -> Ask<Order> {
    Ask::existing(order_id.as_str(), OrderCommand::Cancel)
}

/// The sweep found the order past its deadline.
#[must_use]
pub fn reach_deadline(order_id: &str) -> Ask<Order> {
    Ask::existing(order_id, OrderCommand::ReachDeadline)
}

/// Whenever the payment is completed: the order is PLACED, unless it has ended otherwise.
#[must_use]
pub fn place(event: &Received<PaymentCompleted>) -> Ask<Order> {
    Ask::existing(event.order_id.as_str(), OrderCommand::Place(event.bill))
}

/// Whenever a step fails: the order is REJECTED for that reason, unless it has ended otherwise.
#[must_use]
pub fn reject<E: StepFailure>(event: &Received<E>) -> Ask<Order> {
    let command = OrderCommand::Reject { reason: E::REASON, message: event.message().to_owned() };
    Ask::existing(event.order_id().as_str(), command)
}

/// A step of the saga that could not be taken.
pub trait StepFailure: Event {
    /// What the order is rejected for.
    const REASON: Reason;
    /// The order.
    fn order_id(&self) -> &OrderId;
    /// Why, for people.
    fn message(&self) -> &str;
}

impl StepFailure for DeliveryFailed {
    const REASON: Reason = Reason::Delivery;

    fn order_id(&self) -> &OrderId {
        &self.order_id
    }

    fn message(&self) -> &str {
        &self.message
    }
}

impl StepFailure for StockDecreaseFailed {
    const REASON: Reason = Reason::Inventory;

    fn order_id(&self) -> &OrderId {
        &self.order_id
    }

    fn message(&self) -> &str {
        &self.message
    }
}

impl StepFailure for CouponReserveFailed {
    const REASON: Reason = Reason::Coupon;

    fn order_id(&self) -> &OrderId {
        &self.order_id
    }

    fn message(&self) -> &str {
        &self.message
    }
}

impl StepFailure for PaymentFailed {
    const REASON: Reason = Reason::Payment;

    fn order_id(&self) -> &OrderId {
        &self.order_id
    }

    fn message(&self) -> &str {
        &self.message
    }
}

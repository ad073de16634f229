//! What deliveries do: for whoever delivers, and whenever something happens to the order.

use whenever::{Ask, Received};

use super::{Delivery, DeliveryCommand, NewDelivery, Shipment, UndeliverableAreas};
use crate::order::{OrderCreated, OrderEnd};
use crate::values::OrderId;

/// Whenever an order is created: its delivery is STARTED, or FAILED where nothing is delivered to. Not after the deadline.
#[must_use]
pub fn start(event: &Received<OrderCreated>, areas: &UndeliverableAreas) -> Ask<Delivery> {
    let OrderCreated { order_id, customer_id, items, address, due_at } = event.data.clone();
    let deliverable = !areas.contain(&address);
    let shipment = Shipment { order_id, customer_id, address, items };
    let new = NewDelivery { shipment, due_at, deliverable };
    Ask::first(event.order_id.as_str(), DeliveryCommand::Start(new))
}

/// Whenever an order is rejected or cancelled: its delivery is CANCELLED, or never begun.
#[must_use]
pub fn cancel<E: OrderEnd>(event: &Received<E>) -> Ask<Delivery> {
    let order_id = event.order_id();
    Ask::existing(order_id.as_str(), DeliveryCommand::Cancel(order_id.clone()))
}

/// The delivery of an order has arrived.
#[must_use]
pub fn complete(order_id: &OrderId) -> Ask<Delivery> {
    Ask::existing(order_id.as_str(), DeliveryCommand::Complete)
}

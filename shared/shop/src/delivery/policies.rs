//! What deliveries do: for whoever delivers, and whenever something happens to the order.

use whenever::{Ask, Received};

use super::{Delivery, DeliveryCommand, Destination, NewDelivery, Shipment, UndeliverableAreas};
use crate::order::{OrderCreated, OrderEnd, OrderModified};
use crate::values::{Modification, OrderId};

/// Whenever an order is created: its delivery is STARTED, or FAILED where nothing is delivered to. To the newest address that is
/// known, and not after the deadline.
#[must_use]
pub fn start(event: &Received<OrderCreated>, areas: &UndeliverableAreas) -> Ask<Delivery> {
    let OrderCreated { order_id, customer_id, items, address, coupon_id, due_at } = event.data.clone();
    let destination = Destination { address, modification: Modification::NONE };
    let shipment = Shipment { order_id, customer_id, destination, items, coupon_id };
    let new = NewDelivery { shipment, due_at, areas: areas.clone() };
    Ask::first(event.order_id.as_str(), DeliveryCommand::Start(new))
}

/// Whenever an order is modified: its delivery goes to the new address, unless it has arrived, ended or gone to a newer one. The
/// address of a delivery that has not begun waits for it.
#[must_use]
pub fn modify(event: &Received<OrderModified>) -> Ask<Delivery> {
    let OrderModified { order_id, address, modification, .. } = event.data.clone();
    let destination = Destination { address, modification };
    Ask::existing(event.order_id.as_str(), DeliveryCommand::Modify(order_id, destination))
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

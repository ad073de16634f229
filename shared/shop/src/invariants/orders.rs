//! Every order has ended, and its delivery, stock, coupon and money agree with how.

use std::collections::HashMap;

use whenever::{Aggregate as _, Timestamp};

use super::violation::pk;
use super::{Snapshot, Violation};
use crate::coupon::Claim;
use crate::delivery::Delivery;
use crate::inventory::Reservation;
use crate::order::{Order, Status};
use crate::payment::Payment;

/// What belongs to one order.
#[derive(Default)]
struct Parts<'a> {
    delivery: Option<&'a Delivery>,
    reservation: Option<&'a Reservation>,
    payment: Option<&'a Payment>,
    claim: Option<&'a Claim>,
}

/// An order may be PENDING if its deadline is not before `due`.
pub(super) fn suspects(shop: &Snapshot, due: Timestamp) -> Vec<Violation> {
    let mut parts: HashMap<&str, Parts> = HashMap::new();
    for delivery in &shop.deliveries {
        parts.entry(delivery.order_id().as_str()).or_default().delivery = Some(delivery);
    }
    for reservation in &shop.reservations {
        parts.entry(reservation.order_id().as_str()).or_default().reservation = Some(reservation);
    }
    for payment in &shop.payments {
        parts.entry(payment.order_id().as_str()).or_default().payment = Some(payment);
    }
    for claim in &shop.claims {
        parts.entry(claim.order_id().as_str()).or_default().claim = Some(claim);
    }
    let none = Parts::default();
    let orders = shop.orders.iter().filter(|order| order.due_at().is_none_or(|due_at| due_at < due));
    orders
        .flat_map(|order| {
            let id = order.order_id.as_str();
            let items =
                [pk::<Order>(id), pk::<Delivery>(id), pk::<Reservation>(id), pk::<Payment>(id), pk::<Claim>(id)];
            let found = judge(order, parts.get(id).unwrap_or(&none));
            found.into_iter().map(move |says| Violation::new(says, items.to_vec()))
        })
        .collect()
}

fn judge(order: &Order, parts: &Parts) -> Vec<String> {
    let (id, status) = (&order.order_id, order.status());
    if status == Status::Pending {
        return vec![format!("order {id} is still PENDING")];
    }
    let placed = status == Status::Placed;
    let verb = if placed { "has no" } else { "still has its" };
    let mut found = Vec::new();
    if parts.delivery.is_some_and(Delivery::is_live) != placed {
        found.push(format!("order {id} is {status}, but {verb} delivery"));
    }
    if !placed && matches!(parts.delivery, Some(Delivery::Placeholder { .. })) {
        found.push(format!("order {id} is {status}, but its delivery may still begin"));
    }
    if let Some(address) = parts.delivery.and_then(Delivery::heading_for)
        && *address != order.address
    {
        found.push(format!("order {id} is delivered to {address}, but wanted at {}", order.address));
    }
    if matches!(parts.reservation, Some(Reservation::Taken(_))) != placed {
        found.push(format!("order {id} is {status}, but {verb} stock"));
    }
    if let Some(Reservation::Taken(taken)) = parts.reservation
        && taken.items.per_product() != order.items.per_product()
    {
        found.push(format!("order {id} has taken other pieces than were ordered"));
    }
    let used = match parts.claim {
        Some(Claim::Used(claimed)) => Some(&claimed.coupon.coupon_id),
        _ => None,
    };
    let reserved = matches!(parts.claim, Some(Claim::Reserved(_)));
    if reserved || used != order.coupon_id.as_ref().filter(|_| placed) {
        found.push(format!("order {id} is {status}, but {verb} coupon"));
    }
    let paid = match parts.payment {
        Some(Payment::Paid(receipt)) => Some(receipt.bill),
        _ => None,
    };
    if paid.is_some() != placed {
        found.push(format!("order {id} is {status}, but {verb} payment"));
    } else if paid != order.bill().filter(|_| placed) {
        found.push(format!("order {id} was placed for another amount than was paid"));
    }
    found
}

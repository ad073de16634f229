//! What the platform is told, in its own words.

use serde::Serialize;
use whenever::{Received, Refusal, Timestamp};

use crate::order::{OrderCancelled, OrderPlaced, Status};
use crate::values::{Bill, CustomerId, Money, OrderId};

/// A message to the platform. Amounts are in the smallest unit of the currency.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderNotice {
    event_id: String,
    #[serde(rename = "type")]
    notice_type: &'static str,
    occurred_at: Timestamp,
    order_id: OrderId,
    user_id: CustomerId,
    status: &'static str,
    original_total_amount: Money,
    discount_amount: Money,
    final_total_amount: Money,
}

/// Whenever an order is placed: it is confirmed.
///
/// # Errors
///
/// None; in the form that [`whenever::Webhook`] asks for.
pub fn confirmed(event: &Received<OrderPlaced>) -> Result<Option<OrderNotice>, Refusal> {
    let confirmed = ["ORDER_CONFIRMED", "CONFIRMED"];
    Ok(Some(notice(confirmed, event, &event.order_id, &event.customer_id, event.bill)))
}

/// Whenever an order is cancelled: so is what the platform was told, unless it was never placed.
///
/// # Errors
///
/// [`Refusal::Broken`] where an order that was placed cost nothing that is known.
pub fn cancelled(event: &Received<OrderCancelled>) -> Result<Option<OrderNotice>, Refusal> {
    if event.from != Status::Placed {
        return Ok(None);
    }
    let unknown = || Refusal::Broken(format!("order {} was PLACED and has no amounts", event.order_id));
    let bill = event.bill.ok_or_else(unknown)?;
    let cancelled = ["ORDER_CANCELLED", "CANCELLED"];
    Ok(Some(notice(cancelled, event, &event.order_id, &event.customer_id, bill)))
}

fn notice<E>(
    [notice_type, status]: [&'static str; 2],
    event: &Received<E>,
    order_id: &OrderId,
    customer_id: &CustomerId,
    bill: Bill,
) -> OrderNotice {
    OrderNotice {
        event_id: event.id.clone(),
        notice_type,
        occurred_at: event.time,
        order_id: order_id.clone(),
        user_id: customer_id.clone(),
        status,
        original_total_amount: bill.total(),
        discount_amount: bill.discount(),
        final_total_amount: bill.payable(),
    }
}

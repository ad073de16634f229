//! Orders as the HTTP API shows them.

use serde::Serialize;
use whenever::{Aggregate, Timestamp};

use super::state::State;
use super::{Order, Reason, Status};
use crate::values::{Address, CouponId, CustomerId, Lines, Money, OrderId};

/// The answer that shows one order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderView<'a> {
    order_id: &'a OrderId,
    customer_id: &'a CustomerId,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    items: &'a Lines,
    address: &'a Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    coupon_id: Option<&'a CouponId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Money>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
}

/// An order as everybody may see it.
#[must_use]
pub fn view(order: &Order) -> OrderView<'_> {
    let (reason, message) = match &order.state {
        State::Rejected { reason, message } | State::Cancelled { reason, message, .. } => {
            (Some(*reason), Some(message.as_str()))
        }
        State::Pending { .. } | State::Placed(_) => (None, None),
    };
    OrderView {
        order_id: &order.order_id,
        customer_id: &order.customer_id,
        status: order.status(),
        reason,
        message,
        items: &order.items,
        address: &order.address,
        coupon_id: order.coupon_id.as_ref(),
        total: order.bill().map(|bill| bill.total()),
        created_at: order.created_at,
        due_at: order.due_at(),
    }
}

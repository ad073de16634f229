//! What happens to coupons.

use serde::Deserialize;
use whenever::Timestamp;

use super::Denial;
use crate::topic::events;
use crate::values::{Bill, CouponId, CustomerId, Lines, Money, OrderId};

events!(COUPON_EVENTS: CouponRequested, CouponIssued, CouponRefused);
events!(ORDER_EVENTS: CouponReserved, CouponReserveFailed, CouponReleased);

/// A customer wants a coupon.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponRequested {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Who wants it.
    pub user_id: CustomerId,
}

/// A customer has got a coupon.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponIssued {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Who has it.
    pub user_id: CustomerId,
    /// Since when.
    pub issued_at: Timestamp,
    /// What it takes off the price of an order.
    pub discount: Money,
}

/// A customer did not get a coupon.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponRefused {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Who wanted it.
    pub user_id: CustomerId,
    /// Why not.
    pub reason: Denial,
}

/// The customer's coupon is kept for an order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponReserved {
    /// The order.
    pub order_id: OrderId,
    /// Whose coupon it is.
    pub customer_id: CustomerId,
    /// The coupon.
    pub coupon_id: CouponId,
    /// What was taken from the stock, with prices.
    pub items: Lines,
    /// What the coupon makes of the price.
    #[serde(flatten)]
    pub bill: Bill,
    /// After this, no work on the order is started.
    pub due_at: Timestamp,
}

/// The customer has no such coupon, or not for this order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponReserveFailed {
    /// The order.
    pub order_id: OrderId,
    /// Why, for people.
    pub message: String,
}

/// The customer has the coupon again that an order had claimed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponReleased {
    /// The order.
    pub order_id: OrderId,
    /// Whose coupon it is.
    pub customer_id: CustomerId,
    /// The coupon.
    pub coupon_id: CouponId,
}

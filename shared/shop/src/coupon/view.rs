//! Coupons as the HTTP API shows them.

use serde::Serialize;
use whenever::Timestamp;

use super::{Coupon, Denial, UserCoupon};
use crate::values::{CouponId, CouponName, CouponQuantity, CustomerId, Money};

/// The answer that shows one coupon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CouponView<'a> {
    id: &'a CouponId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a CouponName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<CouponQuantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<u64>,
    issued: u64,
    discount: Money,
}

/// The answer that shows what became of a customer's request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserCouponView<'a> {
    coupon_id: &'a CouponId,
    user_id: &'a CustomerId,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Denial>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<Timestamp>,
}

/// One customer in the list of those who hold a coupon.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HolderView<'a> {
    user_id: &'a CustomerId,
    issued_at: Timestamp,
}

/// One coupon in the list of those that a customer holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldView<'a> {
    coupon_id: &'a CouponId,
    status: &'static str,
}

/// A coupon as everybody may see it.
#[must_use]
pub fn view(coupon: &Coupon) -> CouponView<'_> {
    let terms = &coupon.terms;
    CouponView {
        id: &coupon.id,
        name: terms.name.as_ref(),
        quantity: terms.quantity,
        remaining: coupon.remaining(),
        issued: coupon.issued,
        discount: terms.discount,
    }
}

/// What became of a customer's request.
#[must_use]
pub fn user_view(coupon: &UserCoupon) -> UserCouponView<'_> {
    let status = status(coupon);
    match coupon {
        UserCoupon::Issued(holding) | UserCoupon::Reserved { holding, .. } | UserCoupon::Used { holding, .. } => {
            let (coupon_id, user_id, issued_at) = (&holding.coupon_id, &holding.user_id, Some(holding.issued_at));
            UserCouponView { coupon_id, user_id, status, reason: None, issued_at }
        }
        UserCoupon::Refused { coupon_id, user_id, reason, .. } => {
            UserCouponView { coupon_id, user_id, status, reason: Some(*reason), issued_at: None }
        }
    }
}

/// A customer as one who holds a coupon; `None` for one who does not.
#[must_use]
pub fn holder(coupon: &UserCoupon) -> Option<HolderView<'_>> {
    coupon.holding().map(|holding| HolderView { user_id: &holding.user_id, issued_at: holding.issued_at })
}

/// A coupon as one that a customer holds; `None` for one that was refused.
#[must_use]
pub fn held(coupon: &UserCoupon) -> Option<HeldView<'_>> {
    coupon.holding().map(|holding| HeldView { coupon_id: &holding.coupon_id, status: status(coupon) })
}

fn status(coupon: &UserCoupon) -> &'static str {
    match coupon {
        UserCoupon::Issued(_) => "ISSUED",
        UserCoupon::Reserved { .. } => "RESERVED",
        UserCoupon::Used { .. } => "USED",
        UserCoupon::Refused { .. } => "REFUSED",
    }
}

//! What people do with coupons.

use whenever::{Aggregate, Announcement, Ask, Emission};

use super::{Coupon, CouponCommand, CouponRequested, Terms};
use crate::values::{CouponId, CustomerId};

/// A coupon is to be issued under the id that it was given.
#[must_use]
pub fn create(id: CouponId, terms: Terms) -> Ask<Coupon> {
    Ask::first(id.to_string(), CouponCommand::Create(id, terms))
}

/// A customer wants a coupon. Nothing changes but that it is said: see [`super::issue`].
#[must_use]
pub fn request(coupon_id: &CouponId, user_id: &CustomerId) -> Announcement {
    let requested = Emission::of::<CouponRequested>().with("couponId", coupon_id).with("userId", user_id);
    Announcement::about(Coupon::KIND, coupon_id.as_str(), requested)
}

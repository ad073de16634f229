//! Whenever a step of the saga fails, reject the order for that reason.

use shop::coupon::CouponReserveFailed;
use shop::delivery::DeliveryFailed;
use shop::inventory::StockDecreaseFailed;
use shop::order;
use shop::payment::PaymentFailed;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("reject-order")
        .whenever(order::reject::<DeliveryFailed>)
        .whenever(order::reject::<StockDecreaseFailed>)
        .whenever(order::reject::<CouponReserveFailed>)
        .whenever(order::reject::<PaymentFailed>)
}

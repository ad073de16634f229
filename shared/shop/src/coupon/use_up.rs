//! Using a coupon up.

use whenever::{Command, Received, Refusal, Tables, Touches, World};

use super::{Claim, ClaimCommand, OrderCoupon, UserCoupon, UserCouponCommand};
use crate::order::OrderPlaced;

/// Whenever an order with a coupon is placed: the coupon that was kept for it is used, unless it was released since. `None` for an
/// order without a coupon.
#[must_use]
pub fn use_up(event: &Received<OrderPlaced>) -> Option<UseCoupon> {
    let (order_id, customer_id) = (event.order_id.clone(), event.customer_id.clone());
    Some(UseCoupon { coupon: OrderCoupon { order_id, customer_id, coupon_id: event.coupon_id.clone()? } })
}

/// Uses a customer's coupon, together with the order's claim on it.
#[derive(Debug, Clone)]
pub struct UseCoupon {
    coupon: OrderCoupon,
}

impl Command for UseCoupon {
    fn tables() -> Tables {
        Tables::of::<Claim>().and(Tables::of::<UserCoupon>())
    }

    fn touches(&self) -> Touches {
        Touches::new().load::<Claim>(&self.coupon.order_id).load::<UserCoupon>(self.coupon.key())
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let order_id = &self.coupon.order_id;
        if let Some(Claim::Reserved(_)) = world.get(order_id.as_str()) {
            world.apply::<UserCoupon>(&self.coupon.key(), UserCouponCommand::Use(order_id.clone()))?;
        }
        world.apply::<Claim>(order_id.as_str(), ClaimCommand::Use)
    }
}

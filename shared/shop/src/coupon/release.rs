//! Giving a coupon back that an order had claimed.

use whenever::{Command, Received, Refusal, Tables, Touches, World};

use super::{Claim, ClaimCommand, OrderCoupon, UserCoupon, UserCouponCommand};
use crate::order::OrderEnd;

/// Whenever an order with a coupon is rejected or cancelled: the customer has the coupon again. Once; and where the order had not
/// claimed it yet, it never will. `None` for an order without a coupon.
#[must_use]
pub fn release<E: OrderEnd>(event: &Received<E>) -> Option<ReleaseCoupon> {
    let (order_id, customer_id) = (event.order_id().clone(), event.customer_id().clone());
    Some(ReleaseCoupon { coupon: OrderCoupon { order_id, customer_id, coupon_id: event.coupon_id()?.clone() } })
}

/// Gives a customer's coupon back, together with releasing the order's claim on it.
#[derive(Debug, Clone)]
pub struct ReleaseCoupon {
    coupon: OrderCoupon,
}

impl Command for ReleaseCoupon {
    fn tables() -> Tables {
        Tables::of::<Claim>().and(Tables::of::<UserCoupon>())
    }

    fn touches(&self) -> Touches {
        Touches::new().load::<Claim>(&self.coupon.order_id).load::<UserCoupon>(self.coupon.key())
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let order_id = &self.coupon.order_id;
        if world.get::<Claim>(order_id.as_str()).and_then(Claim::claimed).is_some() {
            world.apply::<UserCoupon>(&self.coupon.key(), UserCouponCommand::Release(order_id.clone()))?;
        }
        world.apply::<Claim>(order_id.as_str(), ClaimCommand::Release(order_id.clone()))
    }
}

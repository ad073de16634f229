//! Keeping a customer's coupon for an order.

use whenever::{Command, Received, Refusal, Tables, Timestamp, Touches, World};

use super::{Claim, ClaimCommand, Claimed, OrderCoupon, UserCoupon, UserCouponCommand};
use crate::inventory::StockDecreased;
use crate::values::{Bill, Lines, Money};

/// Whenever the stock of an order with a coupon is taken: the customer's coupon is kept for it, or the order does not get it. Once
/// per order, and not after the deadline. `None` for an order without a coupon.
#[must_use]
pub fn reserve(event: &Received<StockDecreased>) -> Option<ReserveCoupon> {
    let StockDecreased { order_id, customer_id, coupon_id, items, total, due_at } = event.data.clone();
    let coupon = OrderCoupon { order_id, customer_id, coupon_id: coupon_id? };
    Some(ReserveCoupon { coupon, items, total, due_at })
}

/// Keeps a customer's coupon for an order, together with writing the order's claim.
#[derive(Debug, Clone)]
pub struct ReserveCoupon {
    coupon: OrderCoupon,
    items: Lines,
    total: Money,
    due_at: Timestamp,
}

impl Command for ReserveCoupon {
    fn tables() -> Tables {
        Tables::of::<Claim>().and(Tables::of::<UserCoupon>())
    }

    fn touches(&self) -> Touches {
        Touches::new().create::<Claim>(&self.coupon.order_id).load::<UserCoupon>(self.coupon.key())
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let (order_id, key) = (&self.coupon.order_id, self.coupon.key());
        if world.get::<Claim>(order_id.as_str()).is_some() || world.now() > self.due_at {
            return Ok(());
        }
        let command = match world.get::<UserCoupon>(&key) {
            Some(UserCoupon::Issued(holding)) => {
                let bill = Bill::new(self.total, holding.discount);
                world.apply::<UserCoupon>(&key, UserCouponCommand::Reserve(order_id.clone()))?;
                let claimed = Claimed { coupon: self.coupon.clone(), bill };
                ClaimCommand::Reserve { claimed, items: self.items.clone(), due_at: self.due_at }
            }
            other => ClaimCommand::Refuse(self.coupon.clone(), self.obstacle(other)),
        };
        world.apply::<Claim>(order_id.as_str(), command)
    }
}

impl ReserveCoupon {
    fn obstacle(&self, coupon: Option<&UserCoupon>) -> String {
        let OrderCoupon { customer_id, coupon_id, .. } = &self.coupon;
        match coupon {
            Some(UserCoupon::Reserved { .. }) => {
                format!("another order of customer {customer_id} is being paid with coupon {coupon_id}")
            }
            Some(UserCoupon::Used { .. }) => format!("customer {customer_id} has used coupon {coupon_id} already"),
            _ => format!("customer {customer_id} has no coupon {coupon_id}"),
        }
    }
}

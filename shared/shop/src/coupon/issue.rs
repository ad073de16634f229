//! Issuing coupons: first come, first served.

use whenever::{Command, Received, Refusal, Tables, Touches, World};

use super::{Coupon, CouponCommand, CouponRequested, Denial, Request, UserCoupon, UserCouponCommand};

/// Whenever a customer asks for a coupon: the customer gets one if any is left, and never a second one.
#[must_use]
pub fn issue(event: &Received<CouponRequested>) -> IssueCoupon {
    let CouponRequested { coupon_id, user_id } = event.data.clone();
    IssueCoupon { request: Request { coupon_id, user_id, asked_at: event.time } }
}

/// Issues a coupon to a customer, together with counting it.
#[derive(Debug, Clone)]
pub struct IssueCoupon {
    request: Request,
}

impl Command for IssueCoupon {
    fn tables() -> Tables {
        Tables::of::<UserCoupon>().and(Tables::of::<Coupon>())
    }

    fn touches(&self) -> Touches {
        let Request { coupon_id, user_id, .. } = &self.request;
        // Of the many who ask, most ask for the first time.
        Touches::new().create::<UserCoupon>(UserCoupon::key(coupon_id, user_id)).load::<Coupon>(coupon_id)
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let Request { coupon_id, user_id, .. } = &self.request;
        let key = UserCoupon::key(coupon_id, user_id);
        if world.get::<UserCoupon>(&key).is_some_and(|answer| answer.answers(&self.request)) {
            return Ok(());
        }
        let request = self.request.clone();
        let command = match world.get::<Coupon>(coupon_id.as_str()) {
            None => UserCouponCommand::Refuse(request, Denial::UnknownCoupon),
            Some(coupon) if coupon.is_sold_out() => UserCouponCommand::Refuse(request, Denial::SoldOut),
            Some(coupon) => {
                let discount = coupon.terms.discount;
                world.apply::<Coupon>(coupon_id.as_str(), CouponCommand::Issue)?;
                UserCouponCommand::Issue(request, discount)
            }
        };
        world.apply::<UserCoupon>(&key, command)
    }
}

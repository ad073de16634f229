//! Coupons that are asked for, issued, refused, and claimed by orders.

mod issuing;
mod paying;

use whenever::Received;
use whenever::kit::{Scenario, Then, given, received};

use super::{Coupon, CouponRequested, Terms, UserCoupon, create, issue};
use crate::values::{CouponQuantity, Money};

fn money(amount: i64) -> Money {
    Money::given(amount).unwrap()
}

/// Coupon 1, this often; each takes 1,000 off.
fn campaign(quantity: Option<i64>) -> Scenario {
    let mut campaign = given();
    let quantity = quantity.map(|quantity| CouponQuantity::new(quantity).unwrap());
    let terms = Terms { name: None, quantity, discount: money(1_000) };
    assert_eq!(campaign.when(create(1.into(), terms)).outcome, Ok(()));
    campaign
}

fn ask(campaign: &mut Scenario, coupon: u64, user: u64) -> Then {
    let event = requested(campaign, coupon, user);
    campaign.when(issue(&event))
}

fn requested(campaign: &Scenario, coupon: u64, user: u64) -> Received<CouponRequested> {
    received(campaign.now(), CouponRequested { coupon_id: coupon.into(), user_id: user.into() })
}

fn user_coupon(campaign: &Scenario, user: u64) -> &UserCoupon {
    campaign.state(&UserCoupon::key(&1.into(), &user.into())).unwrap()
}

fn remaining(campaign: &Scenario) -> Option<u64> {
    campaign.state::<Coupon>("1").unwrap().remaining()
}

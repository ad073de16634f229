//! Coupons and how many of them are left.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Numbered, Refusal, Timestamp};

use crate::values::{CouponId, CouponName, CouponQuantity, Money};

/// A coupon. `issued` is how many customers hold it or have used it, and never more than `quantity`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coupon {
    pub(crate) id: CouponId,
    #[serde(flatten)]
    pub(crate) terms: Terms,
    pub(crate) issued: u64,
}

/// What a coupon is worth, and how often.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Terms {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<CouponName>,
    /// How often it may be issued; `None` for without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<CouponQuantity>,
    /// What it takes off the price of an order.
    pub discount: Money,
}

/// What may be asked of a coupon.
#[derive(Debug, Clone, PartialEq)]
pub enum CouponCommand {
    /// Begin to issue it.
    Create(CouponId, Terms),
    /// One more customer gets it.
    Issue,
}

impl Aggregate for Coupon {
    const KIND: &'static str = "coupon";
    const TABLE: &'static str = "coupons";
    type Command = CouponCommand;

    fn transition(state: Option<&Self>, command: CouponCommand, _now: Timestamp) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, CouponCommand::Create(id, terms)) => Ok(Decision::silent(Coupon { id, terms, issued: 0 })),
            (Some(coupon), CouponCommand::Create(..)) => Err(Refusal::Taken(format!("coupon {}", coupon.id))),
            (None, CouponCommand::Issue) => Err(Refusal::Broken("issue of a coupon that does not exist".to_owned())),
            (Some(coupon), CouponCommand::Issue) if coupon.is_sold_out() => {
                Err(Refusal::Broken(format!("issue of coupon {}, of which nothing is left", coupon.id)))
            }
            (Some(coupon), CouponCommand::Issue) => {
                Ok(Decision::silent(Coupon { issued: coupon.issued.saturating_add(1), ..coupon.clone() }))
            }
        }
    }
}

impl Coupon {
    /// How many can still be issued; `None` for any number.
    #[must_use]
    pub fn remaining(&self) -> Option<u64> {
        self.terms.quantity.map(|quantity| u64::from(quantity).saturating_sub(self.issued))
    }

    /// Whether nobody can be issued one any more.
    #[must_use]
    pub fn is_sold_out(&self) -> bool {
        self.remaining() == Some(0)
    }
}

impl Numbered for Coupon {
    type Draft = Terms;

    fn numbered(number: u64, terms: Terms) -> CouponCommand {
        CouponCommand::Create(number.into(), terms)
    }
}

//! The claim of an order on its customer's coupon. It makes sure that a coupon is used once, and given back once.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Emission, Refusal, Timestamp};

use super::{CouponReleased, CouponReserveFailed, CouponReserved, UserCoupon};
use crate::order::Reason;
use crate::values::{Bill, CouponId, CustomerId, Lines, OrderId};

/// What an order has of its customer's coupon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE", rename_all_fields = "camelCase")]
pub enum Claim {
    /// The coupon is kept for the order.
    Reserved(Claimed),
    /// The order was paid with it.
    Used(Claimed),
    /// The customer has it again.
    Released(Claimed),
    /// The order does not get it, and never will.
    Refused {
        /// What was to be claimed.
        #[serde(flatten)]
        wanted: OrderCoupon,
        /// Why not.
        message: String,
    },
    /// To be given back before it was claimed, so it never will be.
    Tombstone {
        /// The order.
        order_id: OrderId,
    },
}

/// Which order claims whose coupon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCoupon {
    /// The order.
    pub order_id: OrderId,
    /// Whose coupon it is.
    pub customer_id: CustomerId,
    /// The coupon.
    pub coupon_id: CouponId,
}

/// A coupon that an order has, with what it makes of the price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claimed {
    /// Which one.
    #[serde(flatten)]
    pub coupon: OrderCoupon,
    /// What the order costs with it.
    #[serde(flatten)]
    pub bill: Bill,
}

/// What may be asked of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimCommand {
    /// The coupon is kept for the order.
    Reserve {
        /// What the order has of it.
        claimed: Claimed,
        /// What was taken from the stock.
        items: Lines,
        /// The order's deadline.
        due_at: Timestamp,
    },
    /// The customer has no such coupon to give; says why.
    Refuse(OrderCoupon, String),
    /// The order was paid with it.
    Use,
    /// The customer has it again, if it was taken.
    Release(OrderId),
}

impl Aggregate for Claim {
    const KIND: &'static str = "claim";
    const TABLE: &'static str = "coupons";
    type Command = ClaimCommand;

    fn transition(state: Option<&Self>, command: ClaimCommand, _now: Timestamp) -> Result<Decision<Self>, Refusal> {
        use Claim::{Refused, Released, Reserved, Tombstone, Used};
        Ok(match (state, command) {
            (None, ClaimCommand::Reserve { claimed, items, due_at }) => {
                let event = Emission::of::<CouponReserved>().with("items", items).with("dueAt", due_at);
                Decision::emitting(Reserved(claimed), event)
            }
            (None, ClaimCommand::Refuse(wanted, message)) => {
                let event = Emission::of::<CouponReserveFailed>().with("reason", Reason::Coupon);
                Decision::emitting(Refused { wanted, message }, event)
            }
            (Some(_), ClaimCommand::Reserve { .. } | ClaimCommand::Refuse(..)) => Decision::Unchanged,
            (Some(Reserved(claimed)), ClaimCommand::Use) => Decision::silent(Used(claimed.clone())),
            (Some(Used(_) | Released(_)), ClaimCommand::Use) => Decision::Unchanged,
            (None | Some(Refused { .. } | Tombstone { .. }), ClaimCommand::Use) => {
                return Err(Refusal::Broken("an order was placed with a coupon that it does not have".to_owned()));
            }
            (None, ClaimCommand::Release(order_id)) => Decision::silent(Tombstone { order_id }),
            (Some(Reserved(claimed) | Used(claimed)), ClaimCommand::Release(_)) => {
                Decision::emitting(Released(claimed.clone()), Emission::of::<CouponReleased>())
            }
            (Some(Released(_) | Refused { .. } | Tombstone { .. }), ClaimCommand::Release(_)) => Decision::Unchanged,
        })
    }
}

impl Claim {
    /// The order that it belongs to.
    #[must_use]
    pub fn order_id(&self) -> &OrderId {
        match self {
            Claim::Reserved(claimed) | Claim::Used(claimed) | Claim::Released(claimed) => &claimed.coupon.order_id,
            Claim::Refused { wanted, .. } => &wanted.order_id,
            Claim::Tombstone { order_id } => order_id,
        }
    }

    /// What the order has of the coupon now.
    #[must_use]
    pub fn claimed(&self) -> Option<&Claimed> {
        match self {
            Claim::Reserved(claimed) | Claim::Used(claimed) => Some(claimed),
            Claim::Released(_) | Claim::Refused { .. } | Claim::Tombstone { .. } => None,
        }
    }
}

impl OrderCoupon {
    /// The id of the customer's coupon.
    pub(crate) fn key(&self) -> String {
        UserCoupon::key(&self.coupon_id, &self.customer_id)
    }
}

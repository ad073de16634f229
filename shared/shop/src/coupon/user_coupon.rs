//! What became of a customer's requests for a coupon: issued once, for at most one order at a time; or refused, and asked for again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Emission, Refusal, Timestamp};

use super::{CouponIssued, CouponRefused};
use crate::values::{CouponId, CustomerId, Money, OrderId, pair};

/// How long a refusal can be looked at.
const REFUSAL_KEPT: Duration = Duration::from_secs(24 * 3_600);
const TICK: Duration = Duration::from_millis(1);

/// A coupon as one customer stands to it. Its id is [`UserCoupon::key`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE", rename_all_fields = "camelCase")]
pub enum UserCoupon {
    /// The customer has it.
    Issued(Holding),
    /// An order that is under way claims it.
    Reserved {
        /// What the customer has.
        #[serde(flatten)]
        holding: Holding,
        /// The order.
        order_id: OrderId,
    },
    /// An order was paid with it.
    Used {
        /// What the customer had.
        #[serde(flatten)]
        holding: Holding,
        /// The order.
        order_id: OrderId,
    },
    /// The customer did not get it.
    Refused {
        /// The coupon.
        coupon_id: CouponId,
        /// Who asked.
        user_id: CustomerId,
        /// Why not.
        reason: Denial,
        /// When; whatever was asked before is answered by it.
        refused_at: Timestamp,
    },
}

/// A coupon in a customer's hands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Who has it.
    pub user_id: CustomerId,
    /// Since when.
    pub issued_at: Timestamp,
    /// What it takes off the price of an order.
    pub discount: Money,
}

/// Why a customer does not get a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Denial {
    /// All have been issued.
    SoldOut,
    /// There is no such coupon.
    UnknownCoupon,
}

/// One request for a coupon.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Who asks.
    pub user_id: CustomerId,
    /// When.
    pub asked_at: Timestamp,
}

/// What may be asked of a customer's coupon.
#[derive(Debug, Clone, PartialEq)]
pub enum UserCouponCommand {
    /// The customer gets one that is worth this discount.
    Issue(Request, Money),
    /// The customer gets none; says why.
    Refuse(Request, Denial),
    /// Keep it for this order.
    Reserve(OrderId),
    /// This order was paid with it.
    Use(OrderId),
    /// This order does not need it after all.
    Release(OrderId),
}

impl Aggregate for UserCoupon {
    const KIND: &'static str = "userCoupon";
    const TABLE: &'static str = "coupons";
    type Command = UserCouponCommand;

    fn transition(state: Option<&Self>, command: Self::Command, now: Timestamp) -> Result<Decision<Self>, Refusal> {
        use UserCoupon::{Issued, Reserved, Used};
        use UserCouponCommand::{Issue, Refuse, Release, Reserve, Use};
        Ok(match (state, command) {
            (Some(answer), Issue(request, _) | Refuse(request, _)) if answer.answers(&request) => Decision::Unchanged,
            (_, Issue(request, discount)) => Self::issue(request, discount, now),
            (_, Refuse(request, reason)) => Self::refuse(request, reason, now),
            (Some(Issued(holding)), Reserve(order_id)) => {
                Decision::silent(Reserved { holding: holding.clone(), order_id })
            }
            (Some(Reserved { holding, order_id }), Use(order)) if *order_id == order => {
                Decision::silent(Used { holding: holding.clone(), order_id: order })
            }
            (Some(Reserved { holding, order_id } | Used { holding, order_id }), Release(order))
                if *order_id == order =>
            {
                Decision::silent(Issued(holding.clone()))
            }
            (_, Reserve(order) | Use(order) | Release(order)) => {
                return Err(Refusal::Broken(format!(
                    "the customer's coupon is not as the claim of order {order} says"
                )));
            }
        })
    }

    fn listed_in(&self) -> Option<String> {
        self.holding().map(|holding| holding.coupon_id.to_string())
    }

    fn expires_at(&self) -> Option<Timestamp> {
        match self {
            UserCoupon::Refused { refused_at, .. } => Some(refused_at.plus(REFUSAL_KEPT)),
            _ => None,
        }
    }
}

impl UserCoupon {
    /// The id of what a customer has of a coupon.
    #[must_use]
    pub fn key(coupon_id: &CouponId, user_id: &CustomerId) -> String {
        pair(coupon_id.as_str(), user_id.as_str())
    }

    /// What the customer holds, or has used; `None` where the coupon was refused.
    #[must_use]
    pub fn holding(&self) -> Option<&Holding> {
        match self {
            UserCoupon::Issued(holding) | UserCoupon::Reserved { holding, .. } | UserCoupon::Used { holding, .. } => {
                Some(holding)
            }
            UserCoupon::Refused { .. } => None,
        }
    }

    /// Whether nothing is left to decide: who has a coupon gets no other one, and a refusal answers all that was asked before it.
    pub(crate) fn answers(&self, request: &Request) -> bool {
        match self {
            UserCoupon::Refused { refused_at, .. } => request.asked_at < *refused_at,
            _ => true,
        }
    }

    fn issue(request: Request, discount: Money, now: Timestamp) -> Decision<Self> {
        let Request { coupon_id, user_id, .. } = request;
        let event = Emission::of::<CouponIssued>().keyed_by(coupon_id.as_str());
        Decision::emitting(UserCoupon::Issued(Holding { coupon_id, user_id, issued_at: now, discount }), event)
    }

    fn refuse(request: Request, reason: Denial, now: Timestamp) -> Decision<Self> {
        let Request { coupon_id, user_id, asked_at } = request;
        let event = Emission::of::<CouponRefused>().keyed_by(coupon_id.as_str());
        let refused_at = now.max(asked_at.plus(TICK));
        Decision::emitting(UserCoupon::Refused { coupon_id, user_id, reason, refused_at }, event)
    }
}

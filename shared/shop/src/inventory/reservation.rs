//! The reservation: what was taken for an order. It makes sure that stock is taken once, and given back once.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Emission, Refusal, Timestamp};

use super::{StockDecreaseFailed, StockDecreased, StockIncreased};
use crate::order::Reason;
use crate::values::{CouponId, CustomerId, Lines, Money, OrderId, ProductId, Stock};

/// What was taken for an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE", rename_all_fields = "camelCase")]
pub enum Reservation {
    /// All lines were taken.
    Taken(Taken),
    /// Nothing was taken, and never will be.
    Refused {
        /// The order.
        order_id: OrderId,
        /// Who ordered.
        customer_id: CustomerId,
        /// What was wanting.
        #[serde(flatten)]
        shortage: Shortage,
    },
    /// All was given back.
    Released(Taken),
    /// To be given back before anything was taken, so nothing ever will be.
    Tombstone {
        /// The order.
        order_id: OrderId,
    },
}

/// The stock of one order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// What was taken, at the prices of that moment.
    pub items: Lines,
    /// The coupon that the order is to be paid with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
}

/// Why nothing was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shortage {
    /// For people.
    pub message: String,
    /// The first product that is unknown or short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// How much of it was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<Stock>,
    /// How much of it there was; `None` for an unknown product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
}

/// What may be asked of a reservation.
#[derive(Debug, Clone, PartialEq)]
pub enum ReservationCommand {
    /// The stock has been taken.
    Take {
        /// What was taken.
        taken: Taken,
        /// What it costs.
        total: Money,
        /// The order's deadline.
        due_at: Timestamp,
    },
    /// The stock does not suffice.
    Refuse(OrderId, CustomerId, Shortage),
    /// The stock has been given back, if any was taken.
    Release(OrderId),
}

impl Aggregate for Reservation {
    const KIND: &'static str = "reservation";
    const TABLE: &'static str = "inventories";
    type Command = ReservationCommand;

    fn transition(
        state: Option<&Self>,
        command: ReservationCommand,
        _now: Timestamp,
    ) -> Result<Decision<Self>, Refusal> {
        use Reservation::{Refused, Released, Tombstone};
        Ok(match (state, command) {
            (None, ReservationCommand::Take { taken, total, due_at }) => {
                let event = Emission::of::<StockDecreased>().with("total", total).with("dueAt", due_at);
                Decision::emitting(Reservation::Taken(taken), event)
            }
            (None, ReservationCommand::Refuse(order_id, customer_id, shortage)) => {
                let event = Emission::of::<StockDecreaseFailed>().with("reason", Reason::Inventory);
                Decision::emitting(Refused { order_id, customer_id, shortage }, event)
            }
            (Some(_), ReservationCommand::Take { .. } | ReservationCommand::Refuse(..)) => Decision::Unchanged,
            (None, ReservationCommand::Release(order_id)) => Decision::silent(Tombstone { order_id }),
            (Some(Reservation::Taken(taken)), ReservationCommand::Release(_)) => {
                Decision::emitting(Released(taken.clone()), Emission::of::<StockIncreased>())
            }
            (Some(Refused { .. } | Released(_) | Tombstone { .. }), ReservationCommand::Release(_)) => {
                Decision::Unchanged
            }
        })
    }
}

impl Reservation {
    /// The order that it belongs to.
    #[must_use]
    pub fn order_id(&self) -> &OrderId {
        match self {
            Reservation::Taken(taken) | Reservation::Released(taken) => &taken.order_id,
            Reservation::Refused { order_id, .. } | Reservation::Tombstone { order_id } => order_id,
        }
    }
}

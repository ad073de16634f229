//! The payment: what was taken for an order. It makes sure that money is taken once, and given back once.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Emission, Refusal, Timestamp};

use super::{PaymentCompleted, PaymentFailed, PaymentRefunded};
use crate::order::Reason;
use crate::values::{Bill, CustomerId, OrderId};

/// The payment of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE", rename_all_fields = "camelCase")]
pub enum Payment {
    /// The money was taken.
    Paid(Receipt),
    /// Nothing was taken, and never will be.
    Refused {
        /// What would have been paid.
        #[serde(flatten)]
        receipt: Receipt,
        /// Why not.
        message: String,
    },
    /// The money was given back.
    Refunded(Receipt),
    /// To be given back before anything was taken, so nothing ever will be.
    Tombstone {
        /// The order.
        order_id: OrderId,
    },
}

/// Who pays what for which order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The order.
    pub order_id: OrderId,
    /// Whose account it is.
    pub customer_id: CustomerId,
    /// What it costs.
    #[serde(flatten)]
    pub bill: Bill,
}

/// What may be asked of a payment.
#[derive(Debug, Clone, PartialEq)]
pub enum PaymentCommand {
    /// The money has been taken.
    Pay(Receipt),
    /// The money cannot be taken; says why.
    Refuse(Receipt, String),
    /// The money has been given back, if any was taken.
    Refund(OrderId),
}

impl Aggregate for Payment {
    const KIND: &'static str = "payment";
    const TABLE: &'static str = "accounts";
    type Command = PaymentCommand;

    fn transition(state: Option<&Self>, command: PaymentCommand, _now: Timestamp) -> Result<Decision<Self>, Refusal> {
        use Payment::{Paid, Refunded, Refused, Tombstone};
        Ok(match (state, command) {
            (None, PaymentCommand::Pay(receipt)) => {
                Decision::emitting(Paid(receipt), Emission::of::<PaymentCompleted>())
            }
            (None, PaymentCommand::Refuse(receipt, message)) => {
                let event = Emission::of::<PaymentFailed>().with("reason", Reason::Payment);
                Decision::emitting(Refused { receipt, message }, event)
            }
            (Some(_), PaymentCommand::Pay(_) | PaymentCommand::Refuse(..)) => Decision::Unchanged,
            (None, PaymentCommand::Refund(order_id)) => Decision::silent(Tombstone { order_id }),
            (Some(Paid(receipt)), PaymentCommand::Refund(_)) => {
                Decision::emitting(Refunded(receipt.clone()), Emission::of::<PaymentRefunded>())
            }
            (Some(Refused { .. } | Refunded(_) | Tombstone { .. }), PaymentCommand::Refund(_)) => Decision::Unchanged,
        })
    }
}

impl Payment {
    /// The order that it belongs to.
    #[must_use]
    pub fn order_id(&self) -> &OrderId {
        match self {
            Payment::Paid(receipt) | Payment::Refunded(receipt) => &receipt.order_id,
            Payment::Refused { receipt, .. } => &receipt.order_id,
            Payment::Tombstone { order_id } => order_id,
        }
    }
}

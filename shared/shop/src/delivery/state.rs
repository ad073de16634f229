//! The delivery's state machine.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Emission, Refusal, Timestamp};

use super::{DeliveryCancelled, DeliveryCompleted, DeliveryFailed, DeliveryStarted};
use crate::order::Reason;
use crate::values::{Address, CustomerId, Lines, OrderId};

/// The delivery of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE", rename_all_fields = "camelCase")]
pub enum Delivery {
    /// Under way.
    Started(Shipment),
    /// Arrived.
    Completed(Shipment),
    /// Called back, or sent back.
    Cancelled(Shipment),
    /// Never begun: nothing is delivered there.
    Failed {
        /// What would have been delivered.
        #[serde(flatten)]
        shipment: Shipment,
        /// Why not.
        message: String,
    },
    /// Cancelled before it was started, so it never will be.
    Tombstone {
        /// The order.
        order_id: OrderId,
    },
}

/// What is delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipment {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer_id: CustomerId,
    /// Where to.
    pub address: Address,
    /// What.
    pub items: Lines,
}

/// A delivery that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    /// What is delivered.
    pub shipment: Shipment,
    /// After this it is not begun.
    pub due_at: Timestamp,
    /// Whether the address can be delivered to.
    pub deliverable: bool,
}

/// What may be asked of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum DeliveryCommand {
    /// Begin it.
    Start(NewDelivery),
    /// It has arrived.
    Complete,
    /// Call it back, or take care that it is never begun.
    Cancel(OrderId),
}

impl Aggregate for Delivery {
    const KIND: &'static str = "delivery";
    const TABLE: &'static str = "deliveries";
    type Command = DeliveryCommand;

    fn transition(state: Option<&Self>, command: DeliveryCommand, now: Timestamp) -> Result<Decision<Self>, Refusal> {
        use Delivery::{Cancelled, Completed, Failed, Started, Tombstone};
        Ok(match (state, command) {
            (None, DeliveryCommand::Start(new)) if now > new.due_at => Decision::Unchanged,
            (None, DeliveryCommand::Start(new)) => Self::start(new),
            (Some(_), DeliveryCommand::Start(_)) => Decision::Unchanged,
            (Some(Started(shipment)), DeliveryCommand::Complete) => {
                Decision::emitting(Completed(shipment.clone()), Emission::of::<DeliveryCompleted>())
            }
            (Some(Completed(_) | Cancelled(_) | Failed { .. }), DeliveryCommand::Complete) => {
                return Err(Refusal::Forbidden("the delivery is not under way".to_owned()));
            }
            (None | Some(Tombstone { .. }), DeliveryCommand::Complete) => {
                return Err(Refusal::Missing("the delivery".to_owned()));
            }
            (None, DeliveryCommand::Cancel(order_id)) => Decision::silent(Tombstone { order_id }),
            (Some(Started(shipment) | Completed(shipment)), DeliveryCommand::Cancel(_)) => {
                Decision::emitting(Cancelled(shipment.clone()), Emission::of::<DeliveryCancelled>())
            }
            (Some(Cancelled(_) | Failed { .. } | Tombstone { .. }), DeliveryCommand::Cancel(_)) => Decision::Unchanged,
        })
    }
}

impl Delivery {
    /// The order that it belongs to.
    #[must_use]
    pub fn order_id(&self) -> &OrderId {
        match self {
            Delivery::Started(shipment) | Delivery::Completed(shipment) | Delivery::Cancelled(shipment) => {
                &shipment.order_id
            }
            Delivery::Failed { shipment, .. } => &shipment.order_id,
            Delivery::Tombstone { order_id } => order_id,
        }
    }

    /// Whether the customer gets or has got it.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self, Delivery::Started(_) | Delivery::Completed(_))
    }

    fn start(new: NewDelivery) -> Decision<Self> {
        let NewDelivery { shipment, due_at, deliverable } = new;
        if deliverable {
            let event = Emission::of::<DeliveryStarted>().with("dueAt", due_at);
            return Decision::emitting(Delivery::Started(shipment), event);
        }
        let message = format!("nothing is delivered to {}", shipment.address);
        let event = Emission::of::<DeliveryFailed>().with("reason", Reason::Delivery);
        Decision::emitting(Delivery::Failed { shipment, message }, event)
    }
}

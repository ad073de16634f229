//! The delivery's state machine. What is asked of it may come in any order.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Emission, Refusal, Timestamp};

use super::{
    DeliveryCancelled, DeliveryCompleted, DeliveryFailed, DeliveryModified, DeliveryStarted, UndeliverableAreas,
};
use crate::order::Reason;
use crate::values::{Address, CouponId, CustomerId, Lines, Modification, OrderId};

/// The delivery of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE", rename_all_fields = "camelCase")]
pub enum Delivery {
    /// Not begun yet, but known to go elsewhere than the order said at first.
    Placeholder {
        /// The order.
        order_id: OrderId,
        /// Where to.
        #[serde(flatten)]
        destination: Destination,
    },
    /// Under way.
    Started(Shipment),
    /// Under way to another address than it was started for.
    Modified(Shipment),
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
    #[serde(flatten)]
    pub destination: Destination,
    /// What.
    pub items: Lines,
    /// The coupon that the order is to be paid with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
}

/// Where a delivery goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Destination {
    /// The address.
    pub address: Address,
    /// The modification of the order that named it.
    #[serde(default, skip_serializing_if = "Modification::is_none")]
    pub modification: Modification,
}

/// A delivery that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    /// What is delivered.
    pub shipment: Shipment,
    /// After this it is not begun.
    pub due_at: Timestamp,
    /// Where nothing is delivered to.
    pub areas: UndeliverableAreas,
}

/// What may be asked of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum DeliveryCommand {
    /// Begin it.
    Start(NewDelivery),
    /// Bring it elsewhere.
    Modify(OrderId, Destination),
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
        match command {
            DeliveryCommand::Start(new) => Ok(Self::start(state, new, now)),
            DeliveryCommand::Modify(order_id, destination) => Ok(Self::modify(state, order_id, destination)),
            DeliveryCommand::Complete => Self::complete(state),
            DeliveryCommand::Cancel(order_id) => Ok(Self::cancel(state, order_id)),
        }
    }
}

impl Delivery {
    fn start(state: Option<&Self>, new: NewDelivery, now: Timestamp) -> Decision<Self> {
        let NewDelivery { mut shipment, due_at, areas } = new;
        match state {
            None => {}
            Some(Delivery::Placeholder { destination, .. }) => shipment.destination = destination.clone(),
            Some(_) => return Decision::Unchanged,
        }
        if now > due_at {
            return Decision::Unchanged;
        }
        let address = &shipment.destination.address;
        if areas.contain(address) {
            let message = format!("nothing is delivered to {address}");
            let event = Emission::of::<DeliveryFailed>().with("reason", Reason::Delivery);
            return Decision::emitting(Delivery::Failed { shipment, message }, event);
        }
        let event = Emission::of::<DeliveryStarted>().with("dueAt", due_at);
        Decision::emitting(Delivery::Started(shipment), event)
    }

    fn modify(state: Option<&Self>, order_id: OrderId, destination: Destination) -> Decision<Self> {
        use Delivery::{Cancelled, Completed, Failed, Modified, Placeholder, Started, Tombstone};
        match state {
            None => Decision::silent(Placeholder { order_id, destination }),
            Some(Placeholder { destination: known, .. }) if destination.is_newer_than(known) => {
                Decision::silent(Placeholder { order_id, destination })
            }
            Some(Started(shipment) | Modified(shipment)) if destination.is_newer_than(&shipment.destination) => {
                let shipment = Shipment { destination, ..shipment.clone() };
                Decision::emitting(Modified(shipment), Emission::of::<DeliveryModified>())
            }
            Some(Placeholder { .. } | Started(_) | Modified(_)) => Decision::Unchanged,
            Some(Completed(_) | Cancelled(_) | Failed { .. } | Tombstone { .. }) => Decision::Unchanged,
        }
    }

    fn complete(state: Option<&Self>) -> Result<Decision<Self>, Refusal> {
        use Delivery::{Cancelled, Completed, Failed, Modified, Placeholder, Started, Tombstone};
        match state {
            Some(Started(shipment) | Modified(shipment)) => {
                Ok(Decision::emitting(Completed(shipment.clone()), Emission::of::<DeliveryCompleted>()))
            }
            Some(Completed(_) | Cancelled(_) | Failed { .. }) => {
                Err(Refusal::Forbidden("the delivery is not under way".to_owned()))
            }
            None | Some(Placeholder { .. } | Tombstone { .. }) => Err(Refusal::Missing("the delivery".to_owned())),
        }
    }

    fn cancel(state: Option<&Self>, order_id: OrderId) -> Decision<Self> {
        use Delivery::{Cancelled, Completed, Failed, Modified, Placeholder, Started, Tombstone};
        match state {
            None | Some(Placeholder { .. }) => Decision::silent(Tombstone { order_id }),
            Some(Started(shipment) | Modified(shipment) | Completed(shipment)) => {
                Decision::emitting(Cancelled(shipment.clone()), Emission::of::<DeliveryCancelled>())
            }
            Some(Cancelled(_) | Failed { .. } | Tombstone { .. }) => Decision::Unchanged,
        }
    }

    /// The order that it belongs to.
    #[must_use]
    pub fn order_id(&self) -> &OrderId {
        match self {
            Delivery::Started(shipment)
            | Delivery::Modified(shipment)
            | Delivery::Completed(shipment)
            | Delivery::Cancelled(shipment)
            | Delivery::Failed { shipment, .. } => &shipment.order_id,
            Delivery::Placeholder { order_id, .. } | Delivery::Tombstone { order_id } => order_id,
        }
    }

    /// Whether the customer gets or has got it.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self, Delivery::Started(_) | Delivery::Modified(_) | Delivery::Completed(_))
    }

    /// Where it is going, while it is under way.
    pub(crate) fn heading_for(&self) -> Option<&Address> {
        match self {
            Delivery::Started(shipment) | Delivery::Modified(shipment) => Some(&shipment.destination.address),
            _ => None,
        }
    }
}

impl Destination {
    fn is_newer_than(&self, other: &Destination) -> bool {
        self.modification > other.modification
    }
}

//! Deliveries as the HTTP API shows them.

use serde::Serialize;

use super::{Delivery, Shipment};

/// The answer that shows one delivery.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeliveryView<'a> {
    #[serde(flatten)]
    shipment: &'a Shipment,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// A delivery as everybody may see it; `None` where none has begun: nobody sees a placeholder or a tombstone.
#[must_use]
pub fn view(delivery: &Delivery) -> Option<DeliveryView<'_>> {
    let (shipment, status, message) = match delivery {
        Delivery::Started(shipment) => (shipment, "STARTED", None),
        Delivery::Modified(shipment) => (shipment, "MODIFIED", None),
        Delivery::Completed(shipment) => (shipment, "COMPLETED", None),
        Delivery::Cancelled(shipment) => (shipment, "CANCELLED", None),
        Delivery::Failed { shipment, message } => (shipment, "FAILED", Some(message.as_str())),
        Delivery::Placeholder { .. } | Delivery::Tombstone { .. } => return None,
    };
    Some(DeliveryView { shipment, status, message })
}

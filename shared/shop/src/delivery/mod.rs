//! Deliveries: one per order, under the order's id.

mod areas;
mod events;
mod policies;
mod state;
#[cfg(test)]
mod tests;
mod view;

pub use areas::UndeliverableAreas;
pub use events::{DeliveryCancelled, DeliveryCompleted, DeliveryFailed, DeliveryModified, DeliveryStarted};
pub use policies::{cancel, complete, modify, start};
pub use state::{Delivery, DeliveryCommand, Destination, NewDelivery, Shipment};
pub use view::{DeliveryView, view};

//! Orders: provisional until delivery, stock and payment are done, then placed, rejected or cancelled for good.

mod events;
mod policies;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod view;

pub use events::{DeadlineReached, OrderCancelled, OrderCreated, OrderEnd, OrderModified, OrderPlaced, OrderRejected};
pub use policies::{StepFailure, cancel, create, modify, place, reach_deadline, reject};
pub use state::{NewOrder, Order, OrderCommand};
pub use status::{Reason, Status};
pub use view::{OrderView, view};

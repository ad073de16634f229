//! Whenever an order is rejected or cancelled, cancel its delivery.

use std::process::ExitCode;

use shop::delivery;
use shop::order::{OrderCancelled, OrderRejected};
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| {
        Ok(Policy::named("cancel-delivery")
            .whenever(delivery::cancel::<OrderRejected>)
            .whenever(delivery::cancel::<OrderCancelled>))
    })
}

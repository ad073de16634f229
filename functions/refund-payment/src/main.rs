//! Whenever an order is rejected or cancelled, give back exactly what it took from the customer's balance.

use std::process::ExitCode;

use shop::order::{OrderCancelled, OrderRejected};
use shop::payment;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| {
        Ok(Policy::named("refund-payment")
            .whenever(payment::refund::<OrderRejected>)
            .whenever(payment::refund::<OrderCancelled>))
    })
}

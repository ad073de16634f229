//! Money: customers' accounts, and for each order the payment that says what was taken for it.

mod account;
mod commands;
mod events;
mod refund;
mod state;
mod take;
#[cfg(test)]
mod tests;
mod view;

pub use account::{Account, AccountCommand};
pub use commands::{charge, open};
pub use events::{PaymentCompleted, PaymentFailed, PaymentRefunded};
pub use refund::{Refund, refund};
pub use state::{Payment, PaymentCommand, Receipt};
pub use take::{TakePayment, take, take_reduced};
pub use view::{AccountView, view};

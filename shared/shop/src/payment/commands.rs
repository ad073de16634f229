//! What customers do with their accounts.

use whenever::Ask;

use super::{Account, AccountCommand};
use crate::values::{CustomerId, Money};

/// A customer opens an account under the id that it was given.
#[must_use]
pub fn open(id: CustomerId, balance: Money) -> Ask<Account> {
    Ask::first(id.to_string(), AccountCommand::Open(id, balance))
}

/// A customer pays in.
#[must_use]
pub fn charge(id: &CustomerId, amount: Money) -> Ask<Account> {
    Ask::existing(id.as_str(), AccountCommand::Charge(amount))
}

//! Accounts as the HTTP API shows them.

use serde::Serialize;

use super::Account;
use crate::values::{CustomerId, Money};

/// The answer that shows one account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountView<'a> {
    id: &'a CustomerId,
    balance: Money,
}

/// An account as everybody may see it.
#[must_use]
pub fn view(account: &Account) -> AccountView<'_> {
    AccountView { id: &account.id, balance: account.balance }
}

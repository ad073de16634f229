//! Accounts and their balance.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Numbered, Refusal, Timestamp};

use crate::values::{CustomerId, Money};

/// A customer's account. Whenever all orders are settled, `balance` is `deposited` less what placed orders cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub(crate) id: CustomerId,
    pub(crate) balance: Money,
    /// The first balance and every charge since.
    pub(crate) deposited: Money,
}

/// What may be asked of an account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountCommand {
    /// Open it with a first balance.
    Open(CustomerId, Money),
    /// The customer pays in.
    Charge(Money),
    /// Take what an order costs.
    Pay(Money),
    /// Give back what was taken.
    Refund(Money),
}

impl Aggregate for Account {
    const KIND: &'static str = "account";
    const TABLE: &'static str = "accounts";
    type Command = AccountCommand;

    fn transition(state: Option<&Self>, command: AccountCommand, _now: Timestamp) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, AccountCommand::Open(id, balance)) => {
                Ok(Decision::silent(Account { id, balance, deposited: balance }))
            }
            (Some(account), AccountCommand::Open(..)) => Err(Refusal::Taken(format!("account {}", account.id))),
            (None, AccountCommand::Charge(_)) => Err(Refusal::Missing("the account".to_owned())),
            (Some(account), AccountCommand::Charge(amount)) => account.charge(amount),
            (None, AccountCommand::Pay(_) | AccountCommand::Refund(_)) => {
                Err(Refusal::Broken("money of an account that does not exist".to_owned()))
            }
            (Some(account), AccountCommand::Pay(amount)) => account.with_balance(account.balance.minus(amount)),
            (Some(account), AccountCommand::Refund(amount)) => account.with_balance(account.balance.plus(amount)),
        }
    }
}

impl Account {
    fn charge(&self, amount: Money) -> Result<Decision<Self>, Refusal> {
        let most = Money::MOST_GIVEN;
        match (self.balance.plus(amount), self.deposited.plus(amount)) {
            (Some(balance), Some(deposited)) if balance.value() <= most => {
                Ok(Decision::silent(Account { id: self.id.clone(), balance, deposited }))
            }
            _ => Err(Refusal::Forbidden(format!("the balance cannot be more than {most}"))),
        }
    }

    fn with_balance(&self, balance: Option<Money>) -> Result<Decision<Self>, Refusal> {
        let balance = balance.ok_or_else(|| Refusal::Broken(format!("account {} has no such balance", self.id)))?;
        Ok(Decision::silent(Account { balance, ..self.clone() }))
    }
}

impl Numbered for Account {
    type Draft = Money;

    fn numbered(number: u64, balance: Money) -> AccountCommand {
        AccountCommand::Open(number.into(), balance)
    }
}

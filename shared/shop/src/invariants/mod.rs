//! What must hold whenever everything has settled: no order is under way, and no event is still to be handled.

mod history;
mod orders;
mod sums;

use crate::delivery::Delivery;
use crate::inventory::{Product, Reservation};
use crate::order::Order;
use crate::payment::{Account, Payment};

pub use history::history_violations;

/// All that the tables hold.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// All orders.
    pub orders: Vec<Order>,
    /// All deliveries.
    pub deliveries: Vec<Delivery>,
    /// All reservations.
    pub reservations: Vec<Reservation>,
    /// All products.
    pub products: Vec<Product>,
    /// All payments.
    pub payments: Vec<Payment>,
    /// All accounts.
    pub accounts: Vec<Account>,
}

impl Snapshot {
    /// One sentence for everything that is not as it must be; none if all is well.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let mut found = orders::violations(self);
        found.extend(sums::stock_violations(self));
        found.extend(sums::balance_violations(self));
        found
    }
}

#[cfg(test)]
mod tests;

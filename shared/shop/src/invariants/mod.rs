//! What must hold whenever everything has settled: no order is under way, and no event is still to be handled.

mod coupons;
mod history;
mod orders;
mod snapshot;
mod sums;

pub use history::history_violations;
pub use snapshot::{Snapshot, Unreadable};

impl Snapshot {
    /// One sentence for everything that is not as it must be; none if all is well.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let mut found = orders::violations(self);
        found.extend(sums::stock_violations(self));
        found.extend(sums::balance_violations(self));
        found.extend(coupons::violations(self));
        found.extend(sums::sales_violations(self));
        found
    }
}

#[cfg(test)]
mod tests;

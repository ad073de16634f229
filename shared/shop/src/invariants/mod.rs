//! What must hold whenever everything has settled: no order is under way, and no event is still to be handled; and what of it can be
//! judged while orders are under way.

mod counts;
mod coupons;
mod history;
mod orders;
mod snapshot;
mod sums;
mod violation;

use whenever::Timestamp;

pub use counts::count_violations;
pub use history::history_violations;
pub use snapshot::{Snapshot, TABLES, Unreadable};
pub use violation::Violation;

impl Snapshot {
    /// Everything that is not as it must be, with the items that it is about. While orders are under way some of it is on its way to
    /// become right: what stays although its items do not change is broken. An order may be PENDING if its deadline is not before `due`.
    #[must_use]
    pub fn suspects(&self, due: Timestamp) -> Vec<Violation> {
        let mut found = orders::suspects(self, due);
        found.extend(sums::taken_violations(self));
        found.extend(sums::balance_violations(self));
        found.extend(coupons::violations(self));
        found.extend(sums::sales_violations(self));
        found
    }

    /// One sentence for everything that is not as it must be; none if all is well.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let mut found = orders::suspects(self, Timestamp::MAX);
        found.extend(sums::stock_violations(self));
        found.extend(sums::balance_violations(self));
        found.extend(coupons::violations(self));
        found.extend(sums::sales_violations(self));
        found.into_iter().map(|violation| violation.says).collect()
    }
}

#[cfg(test)]
mod tests;

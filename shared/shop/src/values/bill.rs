//! What an order costs.

use serde::{Deserialize, Serialize};

use super::Money;

/// What an order costs and what of it is to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    total: Money,
    discount: Money,
    payable: Money,
}

impl Bill {
    /// `total` less `discount`, and never less than nothing.
    #[must_use]
    pub fn new(total: Money, discount: Money) -> Self {
        Bill { total, discount, payable: total.minus(discount).unwrap_or(Money::ZERO) }
    }

    /// The price of all lines.
    #[must_use]
    pub fn total(&self) -> Money {
        self.total
    }

    /// What a coupon takes off; 0 without one.
    #[must_use]
    pub fn discount(&self) -> Money {
        self.discount
    }

    /// What the customer pays.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.payable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discount_above_the_total_leaves_nothing_to_pay() {
        let [total, discount] = [1_000, 1_500].map(|amount| Money::given(amount).unwrap());
        assert_eq!(Bill::new(total, discount).payable(), Money::ZERO);
        assert_eq!(Bill::new(discount, total).payable(), Money::given(500).unwrap());
    }
}

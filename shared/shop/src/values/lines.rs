//! What an order is made of.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Invalid, Money, ProductId, ProductName, Quantity, Stock};

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The product.
    pub product_id: ProductId,
    /// What the customer called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_name: Option<ProductName>,
    /// How many pieces.
    pub quantity: Quantity,
    /// The price of one piece, once the stock has been taken at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
}

/// The lines of an order as it was placed: at least one, at most 1,000, of at most 99 different products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Line>")]
pub struct Lines(Vec<Line>);

impl Lines {
    /// The most different products: with the reservation they fill the 100 items of one transaction.
    pub const MOST_PRODUCTS: usize = 99;
    /// The most lines: keeps an order, whatever it says, below the 400 KB of one item.
    pub const MOST_LINES: usize = 1_000;

    /// Takes lines as they were ordered.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where there are no lines or too many.
    pub fn new(lines: Vec<Line>) -> Result<Self, Invalid> {
        let must = if lines.is_empty() {
            "have at least one line".to_owned()
        } else if lines.len() > Self::MOST_LINES {
            format!("have at most {} lines", Self::MOST_LINES)
        } else if lines.iter().map(|line| &line.product_id).collect::<BTreeSet<_>>().len() > Self::MOST_PRODUCTS {
            format!("have at most {} different products", Self::MOST_PRODUCTS)
        } else {
            return Ok(Lines(lines));
        };
        Err(Invalid::new("items", must))
    }

    /// The lines in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Line> {
        self.0.iter()
    }

    /// Pieces per product: the same product on two lines counts together.
    #[must_use]
    pub fn per_product(&self) -> BTreeMap<&ProductId, Stock> {
        let mut pieces = BTreeMap::new();
        for line in self {
            let sum = pieces.entry(&line.product_id).or_insert(Stock::ZERO);
            // 1,000 lines of 1,000,000 pieces are far from what can be counted.
            *sum = sum.plus(line.quantity.into()).unwrap_or(*sum);
        }
        pieces
    }

    /// The same lines, each at the price that `price` names for its product.
    #[must_use]
    pub fn priced(&self, price: impl Fn(&ProductId) -> Option<Money>) -> Self {
        Lines(self.iter().map(|line| Line { price: price(&line.product_id), ..line.clone() }).collect())
    }

    /// The price of all lines; `None` if one has no price, or where the sum is more than the shop counts to.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        self.iter().try_fold(Money::ZERO, |sum, line| sum.plus(line.price?.times(line.quantity)?))
    }
}

impl<'a> IntoIterator for &'a Lines {
    type Item = &'a Line;
    type IntoIter = std::slice::Iter<'a, Line>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<Line>> for Lines {
    type Error = Invalid;

    fn try_from(lines: Vec<Line>) -> Result<Self, Invalid> {
        Self::new(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(product: u64, pieces: i64) -> Line {
        Line { product_id: product.into(), product_name: None, quantity: Quantity::new(pieces).unwrap(), price: None }
    }

    #[test]
    fn c_078_an_order_without_lines_is_refused() {
        assert_eq!(Lines::new(Vec::new()).unwrap_err().to_string(), "items must have at least one line");
    }

    #[test]
    fn c_077_only_as_many_products_as_one_transaction_carries() {
        assert!(Lines::new((1..=99).map(|product| line(product, 1)).collect()).is_ok());
        let too_many = Lines::new((1..=150).map(|product| line(product, 1)).collect()).unwrap_err();
        assert_eq!(too_many.to_string(), "items must have at most 99 different products");
        assert!(Lines::new(vec![line(1, 1); 1_001]).is_err());
    }

    #[test]
    fn the_same_product_on_two_lines_counts_together_and_stays_two_lines() {
        let lines = Lines::new(vec![line(1, 2), line(2, 5), line(1, 3)]).unwrap();
        let pieces: Vec<i64> = lines.per_product().into_values().map(Stock::value).collect();
        assert_eq!(pieces, [5, 5]);
        assert_eq!(lines.iter().count(), 3);
    }

    #[test]
    fn a_total_needs_every_price_and_must_be_countable() {
        let lines = Lines::new(vec![line(1, 2), line(2, 1_000_000)]).unwrap();
        assert_eq!(lines.total(), None);
        let cheap = lines.priced(|_| Money::given(3).ok());
        assert_eq!(cheap.total(), Money::given(3_000_006).ok());
        let dear = lines.priced(|_| Money::given(Money::MOST_GIVEN).ok());
        assert_eq!(dear.total(), None);
    }
}

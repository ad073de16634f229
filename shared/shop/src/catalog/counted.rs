//! Which events are counted, and as what.

use std::collections::BTreeMap;

use serde::Deserialize;
use whenever::Event;

use super::{LikeChanged, ProductViewed, Tally};
use crate::order::{OrderCancelled, OrderPlaced, Status};
use crate::values::ProductId;

/// An event that changes the metrics of products.
pub trait Counted: Event {
    /// What it adds to each product's metrics.
    fn tallies(&self) -> BTreeMap<ProductId, Tally>;
}

impl Counted for LikeChanged {
    fn tallies(&self) -> BTreeMap<ProductId, Tally> {
        let likes = if self.liked { 1 } else { -1 };
        [(self.product_id.clone(), Tally { likes, ..Tally::default() })].into()
    }
}

impl Counted for ProductViewed {
    fn tallies(&self) -> BTreeMap<ProductId, Tally> {
        [(self.product_id.clone(), Tally { views: 1, ..Tally::default() })].into()
    }
}

/// [`OrderPlaced`], as far as it is counted. A line of no pieces, which the shop itself does not sell, is nothing to count, and no
/// reason not to count the others.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Sale {
    items: Vec<Sold>,
}

/// [`OrderCancelled`], as far as it is counted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SaleCancelled {
    from: Status,
    items: Vec<Sold>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sold {
    product_id: ProductId,
    quantity: u32,
}

impl Event for Sale {
    const TYPE: &'static str = OrderPlaced::TYPE;
    const TOPIC: &'static str = OrderPlaced::TOPIC;
}

impl Event for SaleCancelled {
    const TYPE: &'static str = OrderCancelled::TYPE;
    const TOPIC: &'static str = OrderCancelled::TOPIC;
}

impl Counted for Sale {
    fn tallies(&self) -> BTreeMap<ProductId, Tally> {
        sales(&self.items)
    }
}

impl Counted for SaleCancelled {
    fn tallies(&self) -> BTreeMap<ProductId, Tally> {
        // Only what was PLACED had been counted.
        if self.from != Status::Placed {
            return BTreeMap::new();
        }
        sales(&self.items).into_iter().map(|(product, sold)| (product, sold.undone())).collect()
    }
}

/// The pieces of each product, and one order however many lines name it.
fn sales(items: &[Sold]) -> BTreeMap<ProductId, Tally> {
    let mut sales: BTreeMap<ProductId, Tally> = BTreeMap::new();
    for sold in items.iter().filter(|sold| sold.quantity > 0) {
        let of_product = sales.entry(sold.product_id.clone()).or_insert(Tally { orders: 1, ..Tally::default() });
        of_product.sales += i64::from(sold.quantity);
    }
    sales
}

//! What is done to products by hand.

use whenever::Ask;

use super::{NewProduct, Product, ProductChange, ProductCommand};
use crate::values::ProductId;

/// A product is to be sold under the id that it was given.
#[must_use]
pub fn create(id: ProductId, product: NewProduct) -> Ask<Product> {
    Ask::first(id.to_string(), ProductCommand::Create(id, product))
}

/// Somebody counts the stock anew, or changes the name or the price.
#[must_use]
pub fn change(id: &ProductId, change: ProductChange) -> Ask<Product> {
    Ask::existing(id.as_str(), ProductCommand::Change(change))
}

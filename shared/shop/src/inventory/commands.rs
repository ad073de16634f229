//! What is done to products by hand.

use whenever::Ask;

use super::{NewProduct, Product, ProductChange, ProductCommand};
use crate::CreateNumbered;
use crate::values::ProductId;

/// A product is to be sold under the id that it was given.
#[must_use]
pub fn create(id: ProductId, product: NewProduct) -> Ask<Product> {
    Ask::first(id.to_string(), ProductCommand::Create(id, product))
}

/// A product is to be sold under a number; see [`crate::Counter::next`].
#[must_use]
pub fn create_numbered(number: u64, product: NewProduct) -> CreateNumbered<Product> {
    CreateNumbered::new(number, product)
}

/// Somebody counts the stock anew, or changes the name or the price.
#[must_use]
pub fn change(id: &ProductId, change: ProductChange) -> Ask<Product> {
    Ask::existing(id.as_str(), ProductCommand::Change(change))
}

//! Products as the HTTP API shows them.

use serde::Serialize;

use super::Product;
use crate::values::{Money, ProductId, ProductName, Stock};

/// The answer that shows one product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProductView<'a> {
    id: &'a ProductId,
    name: &'a ProductName,
    stock: Stock,
    price: Money,
}

/// A product as everybody may see it.
#[must_use]
pub fn view(product: &Product) -> ProductView<'_> {
    ProductView { id: &product.id, name: &product.name, stock: product.stock, price: product.price }
}

//! What customers do with a product before they buy it.

use serde::Deserialize;
use whenever::{Announcement, Emission};

use crate::topic::events;
use crate::values::{CustomerId, ProductId};

events!(CATALOG_EVENTS: LikeChanged, ProductViewed);

/// A customer likes a product, or likes it no more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LikeChanged {
    /// The product.
    pub product_id: ProductId,
    /// Who.
    pub user_id: CustomerId,
    /// Whether it is liked now.
    pub liked: bool,
}

/// Somebody has looked at a product.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductViewed {
    /// The product.
    pub product_id: ProductId,
}

/// Somebody looks at a product. Nothing is stored but that it is counted.
#[must_use]
pub fn viewed(product_id: &ProductId) -> Announcement {
    Announcement::about("product", product_id.as_str(), Emission::of::<ProductViewed>().with("productId", product_id))
}

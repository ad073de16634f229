//! What was counted of products is what the published events tell.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use whenever::{Envelope, Event};

use crate::catalog::{LikeChanged, ProductMetrics, ProductViewed};

/// One sentence for every product whose likes or views are not those of `events`; none if all is well. An event that was published
/// twice counts once.
#[must_use]
pub fn count_violations(metrics: &[ProductMetrics], events: &[Envelope]) -> Vec<String> {
    let mut told: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let mut seen = HashSet::new();
    for event in events.iter().filter(|event| seen.insert(&event.id)) {
        let product = event.data.get("productId").and_then(Value::as_str).unwrap_or_default();
        let (likes, views) = told.entry(product).or_default();
        match event.event_type.as_str() {
            LikeChanged::TYPE if event.data.get("liked") == Some(&Value::Bool(true)) => *likes += 1,
            LikeChanged::TYPE => *likes -= 1,
            ProductViewed::TYPE => *views += 1,
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (product, (likes, views)) in told {
        let counted = metrics.iter().find(|metrics| metrics.product_id.as_str() == product);
        let counted = counted.map(|metrics| metrics.sums).unwrap_or_default();
        if (counted.likes, counted.views) != (likes, views) {
            found.push(format!(
                "of product {product} {} likes and {} views were counted, but there were {likes} and {views}",
                counted.likes, counted.views
            ));
        }
    }
    found
}

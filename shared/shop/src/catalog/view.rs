//! Metrics as the HTTP API shows them.

use serde::Serialize;
use whenever::Timestamp;

use super::{ProductMetrics, Tally};
use crate::values::ProductId;

/// The answer that shows a product's metrics. Nothing is ever less than 0 for readers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricsView<'a> {
    product_id: &'a ProductId,
    like_count: i64,
    view_count: i64,
    sales_count: i64,
    order_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_at: Option<Timestamp>,
}

/// A product's metrics as everybody may see them; zeros where nothing was counted yet.
#[must_use]
pub fn metrics_view<'a>(product_id: &'a ProductId, metrics: Option<&ProductMetrics>) -> MetricsView<'a> {
    let Tally { likes, views, sales, orders } = metrics.map(|metrics| metrics.sums).unwrap_or_default();
    MetricsView {
        product_id,
        like_count: likes.max(0),
        view_count: views.max(0),
        sales_count: sales.max(0),
        order_count: orders.max(0),
        last_event_at: metrics.map(|metrics| metrics.last_event_at),
    }
}

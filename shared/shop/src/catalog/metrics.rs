//! Metrics: how often a product was liked, looked at and bought.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Refusal, Timestamp};

use crate::values::ProductId;

/// The counters of one product. Events come in any order, a cancellation before the sale too, so sums may be below zero for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductMetrics {
    pub(crate) product_id: ProductId,
    #[serde(flatten)]
    pub(crate) sums: Tally,
    /// When the latest event that was counted had happened.
    pub(crate) last_event_at: Timestamp,
}

/// Counts, or changes of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Customers who like it.
    pub likes: i64,
    /// Looks at it.
    pub views: i64,
    /// Pieces sold and not cancelled.
    pub sales: i64,
    /// Orders placed and not cancelled.
    pub orders: i64,
}

/// What may be asked of a product's metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricsCommand {
    /// The product.
    pub product_id: ProductId,
    /// What to add.
    pub change: Tally,
    /// When it happened.
    pub at: Timestamp,
}

impl Aggregate for ProductMetrics {
    const KIND: &'static str = "metrics";
    const TABLE: &'static str = "catalog";
    type Command = MetricsCommand;

    fn transition(state: Option<&Self>, command: MetricsCommand, _now: Timestamp) -> Result<Decision<Self>, Refusal> {
        let MetricsCommand { product_id, change, at } = command;
        let (sums, last) = state.map_or((Tally::default(), at), |metrics| (metrics.sums, metrics.last_event_at));
        Ok(Decision::silent(ProductMetrics { product_id, sums: sums.plus(change), last_event_at: last.max(at) }))
    }
}

impl Tally {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Tally) -> Tally {
        Tally {
            likes: self.likes.saturating_add(other.likes),
            views: self.views.saturating_add(other.views),
            sales: self.sales.saturating_add(other.sales),
            orders: self.orders.saturating_add(other.orders),
        }
    }

    /// What takes this off again.
    #[must_use]
    pub fn undone(self) -> Tally {
        Tally { likes: -self.likes, views: -self.views, sales: -self.sales, orders: -self.orders }
    }
}

//! The catalog as customers see it: what they like, look at and buy, counted per product.

mod count;
mod counted;
mod events;
mod like;
mod metrics;
#[cfg(test)]
mod tests;
mod view;

pub use count::{Count, RECORD_METRICS, count};
pub use counted::{Counted, Sale, SaleCancelled};
pub use events::{LikeChanged, ProductViewed, viewed};
pub use like::{Like, like, unlike};
pub use metrics::{MetricsCommand, ProductMetrics, Tally};
pub use view::{MetricsView, metrics_view};

//! What the framework needs from outside: a table store, a broker, outside systems, a clock, randomness. The AWS SDK, librdkafka,
//! hyper and the operating system are one implementation; a simulation is another.

pub mod broker;
pub mod clock;
pub mod outside;
pub mod store;

use std::sync::Arc;

pub use broker::{Broker, Message, PublishError, Publisher};
pub use clock::{Clock, Entropy};
pub use outside::Outside;
pub use store::Store;

/// A future of a port's method.
pub type Pending<'a, T> = futures_util::future::BoxFuture<'a, T>;

/// The outside world as one value, cheap to clone.
#[derive(Clone)]
pub struct Platform {
    /// Where state lives.
    pub store: Arc<dyn Store>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}

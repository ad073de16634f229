//! Breaking the platform on purpose: a simulation that finds nothing then finds nothing at all.

use crate::ports::store::Put;

/// A promise that the simulated platform breaks.
#[derive(Debug, Clone, Copy)]
pub enum Sabotage {
    /// The table store takes a put whose condition does not hold.
    Conditions,
    /// The table store acknowledges these puts and drops them.
    Drops(fn(&Put) -> bool),
    /// A record that fails does not hold back the later ones of its key.
    KeyStop,
    /// Events of one item are published in the wrong order.
    OutboxOrder,
}

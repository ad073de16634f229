//! How many pieces one line orders.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;

/// Pieces of one product on one line: 1 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct Quantity(u32);

impl Quantity {
    /// The most that one line can order.
    pub const MAX: u32 = 1_000_000;

    /// Takes a number of pieces.
    ///
    /// # Errors
    ///
    /// [`Invalid`] outside of 1 to 1,000,000.
    pub fn new(pieces: i64) -> Result<Self, Invalid> {
        u32::try_from(pieces)
            .ok()
            .filter(|pieces| (1..=Self::MAX).contains(pieces))
            .map(Quantity)
            .ok_or_else(|| Invalid::new("quantity", format!("be a whole number from 1 to {}", Self::MAX)))
    }

    /// The number of pieces.
    #[must_use]
    pub fn pieces(self) -> i64 {
        i64::from(self.0)
    }
}

impl TryFrom<i64> for Quantity {
    type Error = Invalid;

    fn try_from(pieces: i64) -> Result<Self, Invalid> {
        Self::new(pieces)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_range_are_in_and_their_neighbours_are_out() {
        assert!(Quantity::new(1).is_ok() && Quantity::new(1_000_000).is_ok());
        for wrong in ["0", "1000001", "-1", "1.5", "null", "true", "9223372036854775808"] {
            assert!(serde_json::from_str::<Quantity>(wrong).is_err(), "{wrong}");
        }
    }
}

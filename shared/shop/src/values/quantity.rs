//! How many pieces one line orders, and how many there are of a coupon.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $most:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "i64")]
        pub struct $name(u32);

        impl $name {
            /// The most that there can be.
            pub const MAX: u32 = $most;

            /// Takes a number of pieces.
            ///
            /// # Errors
            ///
            #[doc = concat!("[`Invalid`] outside of 1 to ", stringify!($most), ".")]
            pub fn new(pieces: i64) -> Result<Self, Invalid> {
                checked(pieces, Self::MAX).map($name)
            }

            /// The number of pieces.
            #[must_use]
            pub fn pieces(self) -> i64 {
                i64::from(self.0)
            }
        }

        impl From<$name> for u64 {
            fn from(quantity: $name) -> Self {
                quantity.0.into()
            }
        }

        impl TryFrom<i64> for $name {
            type Error = Invalid;

            fn try_from(pieces: i64) -> Result<Self, Invalid> {
                Self::new(pieces)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

quantity! {
    /// Pieces of one product on one line: 1 to 1,000,000.
    Quantity, 1_000_000
}
quantity! {
    /// How often a coupon may be issued: 1 to 10⁹ times.
    CouponQuantity, 1_000_000_000
}

fn checked(pieces: i64, most: u32) -> Result<u32, Invalid> {
    u32::try_from(pieces)
        .ok()
        .filter(|pieces| (1..=most).contains(pieces))
        .ok_or_else(|| Invalid::new("quantity", format!("be a whole number from 1 to {most}")))
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
        assert!(CouponQuantity::new(1).is_ok() && CouponQuantity::new(1_000_000_000).is_ok());
        assert!(CouponQuantity::new(0).is_err() && CouponQuantity::new(1_000_000_001).is_err());
    }
}

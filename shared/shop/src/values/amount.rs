//! Money and stock: whole numbers that never fall below zero.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Invalid, Quantity};

/// The largest amount that the shop counts to. Sums reach further than what may be given, and giving back what was taken
/// must always be possible.
const LARGEST: i64 = 1_000_000_000_000_000_000;

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident, $field:literal, $given:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "i64")]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = $name(0);
            /// The most that may be given at once.
            pub const MOST_GIVEN: i64 = $given;

            /// Takes what somebody gives.
            ///
            /// # Errors
            ///
            #[doc = concat!("[`Invalid`] below 0 and above ", stringify!($given), ".")]
            pub fn given(value: i64) -> Result<Self, Invalid> {
                checked($field, value, Self::MOST_GIVEN).map($name)
            }

            /// As a number.
            #[must_use]
            pub fn value(self) -> i64 {
                self.0
            }

            /// The sum; `None` where it is more than the shop counts to.
            #[must_use]
            pub fn plus(self, other: Self) -> Option<Self> {
                self.0.checked_add(other.0).and_then(|sum| Self::try_from(sum).ok())
            }

            /// The difference; `None` where it is less than nothing.
            #[must_use]
            pub fn minus(self, other: Self) -> Option<Self> {
                self.0.checked_sub(other.0).and_then(|rest| Self::try_from(rest).ok())
            }
        }

        impl TryFrom<i64> for $name {
            type Error = Invalid;

            fn try_from(value: i64) -> Result<Self, Invalid> {
                checked($field, value, LARGEST).map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

amount! {
    /// An amount of money in the currency's smallest unit. Given are 0 to 10¹²; sums may be more.
    Money, "amount", 1_000_000_000_000
}
amount! {
    /// Pieces of one product. Given are 0 to 10⁹; what is given back may make it more.
    Stock, "stock", 1_000_000_000
}

impl Money {
    /// This price, `quantity` times; `None` where that is more than the shop counts to.
    #[must_use]
    pub fn times(self, quantity: Quantity) -> Option<Self> {
        self.0.checked_mul(quantity.pieces()).and_then(|product| Self::try_from(product).ok())
    }
}

impl From<Quantity> for Stock {
    fn from(quantity: Quantity) -> Self {
        Stock(quantity.pieces())
    }
}

fn checked(field: &str, value: i64, most: i64) -> Result<i64, Invalid> {
    if (0..=most).contains(&value) {
        return Ok(value);
    }
    Err(Invalid::new(field, format!("be a whole number from 0 to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_has_a_closer_limit_than_what_is_counted() {
        assert!(Money::given(1_000_000_000_000).is_ok());
        assert!(Money::given(1_000_000_000_001).is_err());
        assert!(Money::try_from(1_000_000_000_001).is_ok());
        assert_eq!(
            Stock::given(1_000_000_001).unwrap_err().to_string(),
            "stock must be a whole number from 0 to 1000000000"
        );
    }

    #[test]
    fn nothing_falls_below_zero_or_overflows() {
        let one = Money::given(1).unwrap();
        assert_eq!(Money::ZERO.minus(one), None);
        assert_eq!(Money(LARGEST).plus(one), None);
        let dearest = Money::given(Money::MOST_GIVEN).unwrap();
        assert_eq!(dearest.times(Quantity::new(1_000_000).unwrap()), Some(Money(LARGEST)));
        assert_eq!(Money(LARGEST).times(Quantity::new(1_000_000).unwrap()), None);
    }

    #[test]
    fn c_085_a_negative_or_missing_amount_cannot_be_read() {
        assert!(serde_json::from_str::<Money>("-1").is_err());
        assert!(serde_json::from_str::<Money>("null").is_err());
        assert_eq!(serde_json::from_str::<Money>("0").unwrap(), Money::ZERO);
    }
}

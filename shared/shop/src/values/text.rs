//! Texts with a greatest length.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;

const LONGEST: usize = 500;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes `text` as it is; it may be empty.
            ///
            /// # Errors
            ///
            /// [`Invalid`] if it has more than 500 characters.
            pub fn new(text: impl Into<String>) -> Result<Self, Invalid> {
                checked($field, text.into()).map($name)
            }

            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// Where an order is delivered to.
    Address, "address"
}
text! {
    /// What a product is called.
    ProductName, "productName"
}
text! {
    /// What a coupon is called.
    CouponName, "name"
}

fn checked(field: &str, text: String) -> Result<String, Invalid> {
    if text.chars().count() <= LONGEST {
        return Ok(text);
    }
    Err(Invalid::new(field, format!("have at most {LONGEST} characters")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_hundred_characters_of_any_script_fit() {
        assert!(Address::new("경".repeat(500)).is_ok());
        assert_eq!(Address::new("a".repeat(501)).unwrap_err().to_string(), "address must have at most 500 characters");
        assert_eq!(serde_json::from_str::<Address>(r#""경기도""#).unwrap().as_str(), "경기도");
    }
}

//! Ids of orders, products, customers and coupons.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;

const LONGEST: usize = 128;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The id that `text` is.
            ///
            /// # Errors
            ///
            /// [`Invalid`] unless it has 1 to 128 characters, none of them a control character.
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

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                $name(number.to_string())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// Names an order, and with it the order's delivery, reservation and payment.
    OrderId, "orderId"
}
id! {
    /// Names a product.
    ProductId, "productId"
}
id! {
    /// Names a customer, and with it the customer's account.
    CustomerId, "customerId"
}

id! {
    /// Names a coupon that customers may be issued.
    CouponId, "couponId"
}

impl CustomerId {
    /// Whoever orders without saying who.
    #[must_use]
    pub fn anonymous() -> Self {
        CustomerId("anonymous".to_owned())
    }
}

/// The id of what two have to do with each other: neither's id is taken for a part of the other's.
pub(crate) fn pair(first: &str, second: &str) -> String {
    format!("{}/{second}", first.replace('%', "%25").replace('/', "%2F"))
}

fn checked(field: &str, text: String) -> Result<String, Invalid> {
    let length = text.chars().count();
    if (1..=LONGEST).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    Err(Invalid::new(field, format!("have 1 to {LONGEST} characters, none of them a control character")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(ProductId::new("서".repeat(128)).is_ok());
        let long = ProductId::new("a".repeat(129)).unwrap_err();
        assert_eq!(long.field, "productId");
        assert!(long.must.contains("128"));
    }

    #[test]
    fn control_characters_and_empty_ids_are_refused_wherever_they_come_from() {
        assert!(OrderId::new("a\u{7}b").is_err());
        assert!(serde_json::from_str::<OrderId>(r#""""#).is_err());
        assert!(serde_json::from_str::<CustomerId>(r#""a\nb""#).is_err());
        assert_eq!(serde_json::to_string(&CustomerId::anonymous()).unwrap(), r#""anonymous""#);
    }
}

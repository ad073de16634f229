//! Whose likes, and of which product.

use shop::values::{CustomerId, ProductId};
use whenever::http::{Call, Problem};

/// The product that the path names.
pub(crate) fn product_id(call: &Call) -> Result<ProductId, Problem> {
    ProductId::new(call.id("id")?).map_err(|e| Problem::field("id", format!("must {}", e.must)))
}

/// The customer that the body names.
pub(crate) fn user_id(call: &Call) -> Result<CustomerId, Problem> {
    let body = call.body()?;
    let user_id = body.required("userId", body.id(&["userId"])?)?;
    customer_id(&user_id)
}

/// The customer that the body names or, as some clients send none with `DELETE`, `?userId=`.
pub(crate) fn user_id_anywhere(call: &Call) -> Result<CustomerId, Problem> {
    match call.request.query.get("userId") {
        Some(user_id) if call.request.body.is_empty() => customer_id(user_id),
        _ => user_id(call),
    }
}

fn customer_id(text: &str) -> Result<CustomerId, Problem> {
    CustomerId::new(text).map_err(|e| Problem::field("userId", format!("must {}", e.must)))
}

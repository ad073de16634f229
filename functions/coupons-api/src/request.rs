//! From paths and bodies to coupons.

use shop::coupon::Terms;
use shop::values::{CouponId, CouponName, CouponQuantity, CustomerId, Invalid, Money};
use whenever::http::{Body, Call, Problem};

const LONGEST_TEXT: usize = 500;

/// The id, where the body gives one.
pub(crate) fn id(body: &Body) -> Result<Option<CouponId>, Problem> {
    body.id(&["id"])?.map(CouponId::new).transpose().map_err(|e| wrong(body, "id", &e))
}

/// What the coupon is to be worth.
pub(crate) fn terms(body: &Body) -> Result<Terms, Problem> {
    let name = body.text(&["name"], LONGEST_TEXT)?;
    let quantity = body.integer(&["quantity"], 1..=CouponQuantity::MAX.into())?;
    let discount = body.integer(&["discount"], 0..=Money::MOST_GIVEN)?.unwrap_or_default();
    Ok(Terms {
        name: name.map(CouponName::new).transpose().map_err(|e| wrong(body, "name", &e))?,
        quantity: quantity.map(CouponQuantity::new).transpose().map_err(|e| wrong(body, "quantity", &e))?,
        discount: Money::given(discount).map_err(|e| wrong(body, "discount", &e))?,
    })
}

/// Who wants which coupon.
pub(crate) fn wanted(body: &Body) -> Result<(CustomerId, CouponId), Problem> {
    let user_id = body.required("userId", body.id(&["userId"])?)?;
    let coupon_id = body.required("couponId", body.id(&["couponId"])?)?;
    Ok((
        CustomerId::new(user_id).map_err(|e| wrong(body, "userId", &e))?,
        CouponId::new(coupon_id).map_err(|e| wrong(body, "couponId", &e))?,
    ))
}

/// The coupon that the path names.
pub(crate) fn coupon_of(call: &Call) -> Result<CouponId, Problem> {
    CouponId::new(call.id("id")?).map_err(|e| Problem::field("id", format!("must {}", e.must)))
}

/// The customer whom the path names.
pub(crate) fn user_of(call: &Call, name: &str) -> Result<CustomerId, Problem> {
    CustomerId::new(call.id(name)?).map_err(|e| Problem::field(name, format!("must {}", e.must)))
}

fn wrong(body: &Body, field: &str, e: &Invalid) -> Problem {
    body.wrong(field, format!("must {}", e.must))
}

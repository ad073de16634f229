//! Who holds a coupon, and which coupons a customer holds.

use shop::coupon::{self, Coupon, UserCoupon};
use whenever::Aggregate;
use whenever::http::{Call, PAGE, Problem, Reply, decode};
use whenever::item::PK;
use whenever::ports::store::{Page, Query};

use crate::request;

/// The index of those who hold a coupon, and that of what a customer holds.
pub(crate) const BY_COUPON: &str = "coupon";
pub(crate) const BY_USER: &str = "user";

/// A page of those who hold the coupon, or have used it.
pub(crate) async fn holders(call: &Call) -> Result<Reply, Problem> {
    let coupon_id = request::coupon_of(call)?;
    let page = call.listed(UserCoupon::TABLE, BY_COUPON, coupon_id.as_str()).await?;
    if page.items.is_empty() && call.read::<Coupon>(coupon_id.as_str()).await?.is_none() {
        return Err(Problem::not_found(format!("there is no coupon {coupon_id}")));
    }
    let coupons = load(call, &page).await?;
    let shown: Vec<_> = coupons.iter().filter_map(coupon::holder).collect();
    Ok(Reply::list("users", &shown, page.next.as_ref()))
}

/// A page of the coupons that the customer holds or has used, the oldest first.
pub(crate) async fn held(call: &Call) -> Result<Reply, Problem> {
    let user_id = request::user_of(call, "id")?;
    let query = Query {
        table: UserCoupon::TABLE,
        index: Some(BY_USER),
        partition: Some(("userId", user_id.to_string())),
        limit: Some(PAGE),
        ..Query::default()
    };
    let page = call.page(query).await?;
    let coupons = load(call, &page).await?;
    let shown: Vec<_> = coupons.iter().filter_map(coupon::held).collect();
    Ok(Reply::list("coupons", &shown, page.next.as_ref()))
}

/// The coupons of a page: the indexes hold keys only.
async fn load(call: &Call, page: &Page) -> Result<Vec<UserCoupon>, Problem> {
    let keys = page.items.iter().filter_map(|item| item.get(PK)?.as_str());
    let items = call.load(UserCoupon::TABLE, keys).await?;
    items.into_iter().map(decode).collect()
}

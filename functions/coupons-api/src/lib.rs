//! Coupons over HTTP: create, ask for, look at, who has them.

mod list;
mod request;

use std::sync::Arc;

use shop::coupon::{self, Coupon, CouponRequested, UserCoupon};
use whenever::http::{Api, Call, Problem, Reply};
use whenever::ports::{Broker, Publisher};
use whenever::{Aggregate as _, Event as _, Needs, World};

/// The routes; events go to `broker`.
#[must_use]
pub fn function(broker: Arc<dyn Broker>) -> Api {
    let publisher = Publisher::to(broker, [CouponRequested::TOPIC]);
    let needs = Needs::new().execute::<Coupon>().read::<UserCoupon>().load(UserCoupon::TABLE);
    Api::named("coupons-api")
        .needing(needs.index(UserCoupon::TABLE, list::BY_COUPON).index(UserCoupon::TABLE, list::BY_USER))
        .publishing(&publisher)
        .on("POST /coupons", create)
        .on("POST /api/v1/coupon/request-issue", async move |call: &Call| request_issue(call, &publisher).await)
        .on("GET /coupons/{id}", show)
        .on("GET /coupons/{id}/users", list::holders)
        .on("GET /coupons/{id}/users/{userId}", show_user)
        .on("GET /users/{id}/coupons", list::held)
}

async fn create(call: &Call) -> Result<Reply, Problem> {
    let body = call.body()?;
    let terms = request::terms(&body)?;
    match request::id(&body)? {
        Some(id) => {
            let created = |world: &World| created(id.as_str(), world);
            call.execute::<Coupon>(coupon::create(id.clone(), terms), created).await
        }
        None => call.create_numbered::<Coupon>(terms, created).await,
    }
}

/// Changes nothing: the request is on Kafka, and `issue-coupon` will see to it.
async fn request_issue(call: &Call, publisher: &Publisher) -> Result<Reply, Problem> {
    let (user_id, coupon_id) = request::wanted(&call.body()?)?;
    call.publish(publisher, coupon::request(&coupon_id, &user_id)).await?;
    Ok(Reply::empty(200))
}

async fn show(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let coupon = call.read::<Coupon>(id).await?;
    let coupon = coupon.ok_or_else(|| Problem::not_found(format!("there is no coupon {id}")))?;
    Ok(Reply::ok(&coupon::view(&coupon)))
}

async fn show_user(call: &Call) -> Result<Reply, Problem> {
    let (coupon_id, user_id) = (request::coupon_of(call)?, request::user_of(call, "userId")?);
    let found = call.read::<UserCoupon>(&UserCoupon::key(&coupon_id, &user_id)).await?;
    let found =
        found.ok_or_else(|| Problem::not_found(format!("customer {user_id} has not asked for coupon {coupon_id}")))?;
    Ok(Reply::ok(&coupon::user_view(&found)))
}

fn created(id: &str, world: &World) -> Reply {
    Reply::json(201, &world.get::<Coupon>(id).map(coupon::view)).at("coupons", id)
}

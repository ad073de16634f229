//! Deliveries over HTTP: look at, complete.

use shop::delivery::{self, Delivery};
use shop::values::OrderId;
use whenever::http::{Api, Call, Problem, Reply};
use whenever::{Needs, World};

/// The routes.
#[must_use]
pub fn function() -> Api {
    Api::named("deliveries-api")
        .needing(Needs::new().execute::<Delivery>().all::<Delivery>())
        .on("GET /deliveries", list)
        .on("GET /deliveries/{orderId}", show)
        .on("POST /deliveries/{orderId}/complete", complete)
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (deliveries, next) = call.all::<Delivery>().await?;
    let shown: Vec<_> = deliveries.iter().filter_map(delivery::view).collect();
    Ok(Reply::list("deliveries", &shown, next.as_ref()))
}

async fn show(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("orderId")?;
    let found = call.read::<Delivery>(id).await?;
    let view = found.as_ref().and_then(delivery::view);
    view.map(|view| Reply::ok(&view)).ok_or_else(|| Problem::not_found(format!("there is no delivery of order {id}")))
}

async fn complete(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("orderId")?;
    let order_id = OrderId::new(id).map_err(|e| Problem::field("orderId", format!("must {}", e.must)))?;
    let completed = |world: &World| Reply::ok(&world.get::<Delivery>(id).and_then(delivery::view));
    call.execute::<Delivery>(delivery::complete(&order_id), completed).await
}

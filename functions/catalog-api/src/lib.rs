//! What customers like and look at over HTTP, and what was counted of it.

mod request;

use std::sync::Arc;

use shop::catalog::{self, Like, ProductMetrics, ProductViewed};
use whenever::http::{Api, Call, Problem, Reply};
use whenever::ports::{Broker, Publisher};
use whenever::{Event as _, Needs};

/// The routes; events go to `broker`.
#[must_use]
pub fn function(broker: Arc<dyn Broker>) -> Api {
    let publisher = Publisher::to(broker, [ProductViewed::TOPIC]);
    Api::named("catalog-api")
        .needing(Needs::new().execute::<Like>().read::<ProductMetrics>())
        .publishing(&publisher)
        .on("POST /products/{id}/likes", like)
        .on("DELETE /products/{id}/likes", unlike)
        .on("POST /products/{id}/views", async move |call: &Call| look(call, &publisher).await)
        .on("GET /products/{id}/metrics", metrics)
}

async fn like(call: &Call) -> Result<Reply, Problem> {
    let command = catalog::like(request::product_id(call)?, request::user_id(call)?);
    call.execute::<Like>(command, |_| Reply::empty(202)).await
}

async fn unlike(call: &Call) -> Result<Reply, Problem> {
    let command = catalog::unlike(request::product_id(call)?, request::user_id_anywhere(call)?);
    call.execute::<Like>(command, |_| Reply::empty(202)).await
}

async fn look(call: &Call, publisher: &Publisher) -> Result<Reply, Problem> {
    call.publish(publisher, catalog::viewed(&request::product_id(call)?)).await?;
    Ok(Reply::empty(202))
}

async fn metrics(call: &Call) -> Result<Reply, Problem> {
    let product_id = request::product_id(call)?;
    let metrics = call.read::<ProductMetrics>(product_id.as_str()).await?;
    Ok(Reply::ok(&catalog::metrics_view(&product_id, metrics.as_ref())))
}

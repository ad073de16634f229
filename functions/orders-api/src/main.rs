//! Orders over HTTP: place, look at, cancel.

mod list;
mod request;
mod timeline;

use std::process::ExitCode;
use std::time::Duration;

use shop::order::{self, Order};
use shop::values::OrderId;
use whenever::http::{Api, Call, Problem, Reply};

fn main() -> ExitCode {
    whenever::run(|settings| {
        let deadline = settings.seconds("DEADLINE_SECONDS")?;
        Ok(Api::named("orders-api")
            .on("POST /orders", async move |call: &Call| create(call, deadline).await)
            .on("POST /api/orders", async move |call: &Call| create(call, deadline).await)
            .on("GET /orders", list::list)
            .on("GET /orders/{id}", show)
            .on("GET /orders/{id}/events", timeline::events)
            .on("DELETE /orders/{id}", cancel))
    })
}

async fn create(call: &Call, deadline: Duration) -> Result<Reply, Problem> {
    let id = call.new_id();
    let order = request::new_order(&call.body()?, &id, deadline)?;
    let accepted = |world: &whenever::World| reply(202, world.get::<Order>(&id)).at(format!("/orders/{id}"));
    call.execute::<Order>(order::create(order), accepted).await
}

async fn show(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let order = call.read::<Order>(id).await?.ok_or_else(|| Problem::not_found(format!("there is no order {id}")))?;
    Ok(Reply::ok(&order::view(&order)))
}

async fn cancel(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let order_id = OrderId::new(id).map_err(|e| Problem::field("id", format!("must {}", e.must)))?;
    call.execute::<Order>(order::cancel(&order_id), |world| reply(200, world.get::<Order>(id))).await
}

fn reply(status: u16, order: Option<&Order>) -> Reply {
    Reply::json(status, &order.map(order::view))
}

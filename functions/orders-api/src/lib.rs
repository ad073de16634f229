//! Orders over HTTP: place, look at, modify, cancel.

mod list;
mod request;
mod timeline;

use std::time::Duration;

use shop::order::{self, Order};
use shop::values::OrderId;
use whenever::http::{Api, Call, Problem, Reply};
use whenever::{Aggregate as _, Needs, SettingError, Settings, World};

/// The routes; an order has `DEADLINE_SECONDS` to be placed.
///
/// # Errors
///
/// [`SettingError`] where that is missing or wrong.
pub fn function(settings: &Settings) -> Result<Api, SettingError> {
    let deadline = settings.seconds("DEADLINE_SECONDS")?;
    let needs =
        Needs::new().execute::<Order>().all::<Order>().index(Order::TABLE, list::BY_CUSTOMER).load(Order::TABLE);
    Ok(Api::named("orders-api")
        .needing(needs.page(timeline::TABLE))
        .on("POST /orders", async move |call: &Call| create(call, deadline).await)
        .on("POST /api/orders", async move |call: &Call| create(call, deadline).await)
        .on("GET /orders", list::list)
        .on("GET /orders/{id}", show)
        .on("GET /orders/{id}/events", timeline::events)
        .on("PATCH /orders/{id}", modify)
        .on("DELETE /orders/{id}", cancel))
}

async fn create(call: &Call, deadline: Duration) -> Result<Reply, Problem> {
    let id = call.new_id();
    let order = request::new_order(&call.body()?, &id, deadline)?;
    let accepted = |world: &World| reply(202, world.get::<Order>(&id)).at("orders", &id);
    call.execute::<Order>(order::create(order), accepted).await
}

async fn show(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let order = call.read::<Order>(id).await?.ok_or_else(|| Problem::not_found(format!("there is no order {id}")))?;
    Ok(Reply::ok(&order::view(&order)))
}

async fn modify(call: &Call) -> Result<Reply, Problem> {
    let id = order_id(call)?;
    let address = request::new_address(&call.body()?)?;
    call.execute::<Order>(order::modify(&id, address), |world| reply(200, world.get::<Order>(id.as_str()))).await
}

async fn cancel(call: &Call) -> Result<Reply, Problem> {
    let id = order_id(call)?;
    call.execute::<Order>(order::cancel(&id), |world| reply(200, world.get::<Order>(id.as_str()))).await
}

fn order_id(call: &Call) -> Result<OrderId, Problem> {
    OrderId::new(call.id("id")?).map_err(|e| Problem::field("id", format!("must {}", e.must)))
}

fn reply(status: u16, order: Option<&Order>) -> Reply {
    Reply::json(status, &order.map(order::view))
}

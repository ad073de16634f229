//! Products and their stock over HTTP: create, change, look at.

mod request;

use shop::inventory::{self, Product};
use shop::values::ProductId;
use whenever::http::{Api, Call, Problem, Reply};
use whenever::{Needs, World};

/// The routes.
#[must_use]
pub fn function() -> Api {
    Api::named("inventories-api")
        .needing(Needs::new().execute::<Product>().all::<Product>())
        .on("POST /inventories", create)
        .on("GET /inventories", list)
        .on("GET /inventories/{id}", show)
        .on("PATCH /inventories/{id}", change)
}

async fn create(call: &Call) -> Result<Reply, Problem> {
    let body = call.body()?;
    let product = request::new_product(&body)?;
    if let Some(id) = request::product_id(&body)? {
        let created = |world: &World| created(id.as_str(), world);
        return call.execute::<Product>(inventory::create(id.clone(), product), created).await;
    }
    call.create_numbered::<Product>(product, created).await
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (products, next) = call.all::<Product>().await?;
    let shown: Vec<_> = products.iter().map(inventory::view).collect();
    Ok(Reply::list("inventories", &shown, next.as_ref()))
}

async fn show(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let product = call.read::<Product>(id).await?;
    let product = product.ok_or_else(|| Problem::not_found(format!("there is no product {id}")))?;
    Ok(Reply::ok(&inventory::view(&product)))
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let product_id = ProductId::new(id).map_err(|e| Problem::field("id", format!("must {}", e.must)))?;
    let change = request::change(&call.body()?)?;
    let changed = |world: &World| Reply::ok(&world.get::<Product>(id).map(inventory::view));
    call.execute::<Product>(inventory::change(&product_id, change), changed).await
}

fn created(id: &str, world: &World) -> Reply {
    Reply::json(201, &world.get::<Product>(id).map(inventory::view)).at("inventories", id)
}

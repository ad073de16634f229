//! Accounts and their balances over HTTP: open, charge, look at.

use shop::payment::{self, Account};
use shop::values::{CustomerId, Money};
use whenever::http::{Api, Body, Call, Problem, Reply};
use whenever::{Needs, World};

/// The routes.
#[must_use]
pub fn function() -> Api {
    Api::named("accounts-api")
        .needing(Needs::new().execute::<Account>())
        .on("POST /accounts", open)
        .on("GET /accounts/{id}", show)
        .on("POST /accounts/{id}/charge", charge)
}

async fn open(call: &Call) -> Result<Reply, Problem> {
    let body = call.body()?;
    let balance = amount(&body, "balance")?.unwrap_or_default();
    if let Some(id) = body.id(&["id", "userId"])? {
        let command = payment::open(customer_id(&id)?, balance);
        return call.execute::<Account>(command, |world| opened(&id, world)).await;
    }
    call.create_numbered::<Account>(balance, opened).await
}

async fn show(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let account = call.read::<Account>(id).await?;
    let account = account.ok_or_else(|| Problem::not_found(format!("there is no account {id}")))?;
    Ok(Reply::ok(&payment::view(&account)))
}

async fn charge(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let body = call.body()?;
    let amount = body.required("amount", amount(&body, "amount")?)?;
    let charged = |world: &World| Reply::ok(&world.get::<Account>(id).map(payment::view));
    call.execute::<Account>(payment::charge(&customer_id(id)?, amount), charged).await
}

fn amount(body: &Body, name: &str) -> Result<Option<Money>, Problem> {
    let amount = body.integer(&[name], 0..=Money::MOST_GIVEN)?;
    amount.map(Money::given).transpose().map_err(|e| body.wrong(name, format!("must {}", e.must)))
}

fn customer_id(id: &str) -> Result<CustomerId, Problem> {
    CustomerId::new(id).map_err(|e| Problem::field("id", format!("must {}", e.must)))
}

fn opened(id: &str, world: &World) -> Reply {
    Reply::json(201, &world.get::<Account>(id).map(payment::view)).at("accounts", id)
}

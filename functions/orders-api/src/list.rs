//! `GET /orders`: a customer's orders, or everybody's.

use shop::order::{self, Order};
use shop::values::CustomerId;
use whenever::Aggregate;
use whenever::http::{Call, PAGE, Problem, Reply, decode};
use whenever::item::{Item, PK};
use whenever::ports::store::Query;

/// The index of a customer's orders.
pub(crate) const BY_CUSTOMER: &str = "customer";

/// A page of orders, a customer's newest first.
pub(crate) async fn list(call: &Call) -> Result<Reply, Problem> {
    let (orders, next) = match call.request.query.get("customerId") {
        Some(id) => {
            let customer = CustomerId::new(id.as_str());
            of(&customer.map_err(|e| Problem::field(&e.field, format!("must {}", e.must)))?, call).await?
        }
        None => call.all::<Order>().await?,
    };
    let shown: Vec<_> = orders.iter().map(order::view).collect();
    Ok(Reply::list("orders", &shown, next.as_ref()))
}

async fn of(customer: &CustomerId, call: &Call) -> Result<(Vec<Order>, Option<Item>), Problem> {
    let query = Query {
        table: Order::TABLE,
        index: Some(BY_CUSTOMER),
        partition: Some(("customerId", customer.to_string())),
        descending: true,
        limit: Some(PAGE),
        ..Query::default()
    };
    let page = call.page(query).await?;
    // The index holds keys only.
    let keys = page.items.iter().filter_map(|item| item.get(PK)?.as_str());
    let items = call.load(Order::TABLE, keys).await?;
    Ok((items.into_iter().map(decode).collect::<Result<_, _>>()?, page.next))
}

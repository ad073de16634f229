//! `GET /orders`: a customer's orders, or everybody's.

use serde_json::json;
use shop::order::{self, Order};
use shop::values::CustomerId;
use whenever::http::{Call, Problem, Reply, decode, next_token};
use whenever::ports::store::Query;
use whenever::{Aggregate, item};

const PAGE: u32 = 100;

/// A page of orders, a customer's newest first.
pub(crate) async fn list(call: &Call) -> Result<Reply, Problem> {
    let orders = Query { table: Order::TABLE, limit: Some(PAGE), ..Query::default() };
    let customer = call.request.query.get("customerId").map(|id| CustomerId::new(id.as_str())).transpose();
    let customer = customer.map_err(|e| Problem::field(&e.field, format!("must {}", e.must)))?;
    let page = match &customer {
        Some(customer) => {
            let partition = Some(("customerId", customer.to_string()));
            call.page(Query { index: Some("customer"), partition, descending: true, ..orders }).await?
        }
        None => call.page(Query { kind: Some(Order::KIND), consistent: true, ..orders }).await?,
    };
    let items = match customer {
        // The index holds keys only.
        Some(_) => call.load(Order::TABLE, page.items.iter().filter_map(|item| item.get(item::PK)?.as_str())).await?,
        None => page.items,
    };
    let orders: Vec<Order> = items.into_iter().map(decode::<Order>).collect::<Result<_, _>>()?;
    let mut body = json!({ "orders": orders.iter().map(order::view).collect::<Vec<_>>() });
    if let Some(next) = &page.next {
        body["next"] = json!(next_token(next));
    }
    Ok(Reply::ok(&body))
}

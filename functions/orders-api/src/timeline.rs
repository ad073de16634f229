//! `GET /orders/{id}/events`: an order's history.

use serde_json::Value;
use shop::order::Order;
use whenever::http::{Call, Problem, Reply};
use whenever::item::PK;
use whenever::ports::store::Query;

/// The table that `record-timeline` writes.
pub(crate) const TABLE: &str = "timeline";

const PAGE: u32 = 500;

/// The order's events in the order in which they happened.
pub(crate) async fn events(call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let query = Query {
        table: TABLE,
        partition: Some((PK, id.to_owned())),
        consistent: true,
        limit: Some(PAGE),
        ..Query::default()
    };
    let page = call.page(query).await?;
    // The timeline follows the order: an order that was just created has none yet.
    if page.items.is_empty() && call.read::<Order>(id).await?.is_none() {
        return Err(Problem::not_found(format!("there is no order {id}")));
    }
    let events: Vec<Value> = page.items.into_iter().filter_map(|mut item| item.remove("event")).collect();
    Ok(Reply::list("events", &events, page.next.as_ref()))
}

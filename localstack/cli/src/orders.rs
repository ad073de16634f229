//! `whenever orders`: the newest orders, or one order's timeline.

use std::num::NonZeroUsize;
use std::process::ExitCode;

use serde::Deserialize;
use shop::order::Status;
use shop::values::Lines;
use whenever::{Envelope, Timestamp};

use crate::api::{Api, DEFAULT_URL};
use crate::table::{Cell, Side, Table, printable, tone};
use crate::terminal::{out, outln};
use crate::timeline::{self, Standing};
use crate::{Outcome, client, terminal};

/// Lists the newest orders, or draws one order's timeline.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The order to draw; without it the newest are listed
    id: Option<String>,
    /// Only this customer's
    #[arg(long, conflicts_with = "id")]
    customer: Option<String>,
    /// How many to list
    #[arg(long, default_value = "20", conflicts_with = "id")]
    limit: NonZeroUsize,
    /// Where the HTTP API answers
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    url: String,
}

/// An order as the API shows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) order_id: String,
    pub(crate) customer_id: String,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) items: Lines,
    pub(crate) address: String,
    pub(crate) total: Option<i64>,
    pub(crate) created_at: Timestamp,
}

#[derive(Deserialize)]
struct Orders {
    orders: Vec<Order>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Events {
    events: Vec<Envelope>,
    next: Option<String>,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let api = Api::at(&args.url);
    match &args.id {
        Some(id) => draw(&api, id).await?,
        None => list(&api, args.customer.as_deref(), args.limit.get()).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The order as it is now.
pub(crate) async fn order(api: &Api, id: &str) -> Result<Order, String> {
    api.get(&format!("/orders/{}", client::encode(id))).await
}

/// Everything that happened to an order, in its order.
pub(crate) async fn events(api: &Api, id: &str) -> Result<Vec<Envelope>, String> {
    let path = format!("/orders/{}/events", client::encode(id));
    let mut events = Vec::new();
    let mut page: Events = api.get(&path).await?;
    loop {
        events.append(&mut page.events);
        let Some(next) = page.next else { return Ok(events) };
        page = api.get(&format!("{path}?next={}", client::encode(&next))).await?;
    }
}

async fn draw(api: &Api, id: &str) -> Result<(), String> {
    let paint = terminal::stdout();
    let order = order(api, id).await?;
    let events = events(api, id).await?;
    outln!("{}", paint.bold(format!("order {}", order.order_id)));
    outln!("{}\n", wanted(&order));
    out!("{}", timeline::table(&events).draw("  ", paint));
    outln!("\n{}", ending(&order, paint));
    Ok(())
}

/// What was ordered, for whom and where to, in one line.
pub(crate) fn wanted(order: &Order) -> String {
    let address = if order.address.is_empty() { String::new() } else { format!(", to {}", printable(&order.address)) };
    format!("{} for {}{address}", items(&order.items), printable(&order.customer_id))
}

/// How the order stands and why, in one line.
pub(crate) fn ending(order: &Order, paint: terminal::Paint) -> String {
    let standing = Standing::of(order.status, order.reason.as_deref());
    let total = order.total.filter(|total| *total > 0).map(|total| format!(", total {total}")).unwrap_or_default();
    let message = order.message.as_deref().map(|message| format!(": {}", printable(message))).unwrap_or_default();
    format!("{}{total}{message}", tone(paint, standing.tone(), &standing.text()))
}

async fn list(api: &Api, customer: Option<&str>, limit: usize) -> Result<(), String> {
    let orders = newest(api, customer, limit).await?;
    if orders.is_empty() {
        match customer {
            Some(customer) => outln!("{customer} has no orders"),
            None => outln!("no orders yet; the stack's first lines say how to place one"),
        }
        return Ok(());
    }
    let mut table = Table::new(&[
        ("created", Side::Left),
        ("order", Side::Left),
        ("customer", Side::Left),
        ("items", Side::Left),
        ("total", Side::Right),
        ("status", Side::Left),
    ]);
    for order in orders {
        let standing = Standing::of(order.status, order.reason.as_deref());
        table.row([
            order.created_at.to_string().into(),
            order.order_id.into(),
            order.customer_id.into(),
            items(&order.items).into(),
            order.total.map(|total| total.to_string()).unwrap_or_default().into(),
            Cell::toned(standing.text(), standing.tone()),
        ]);
    }
    out!("{}", table.draw("", terminal::stdout()));
    Ok(())
}

/// The newest first. A list over everybody has no order of its own, so all of it is read.
async fn newest(api: &Api, customer: Option<&str>, limit: usize) -> Result<Vec<Order>, String> {
    let filter = customer.map(|customer| format!("customerId={}", client::encode(customer)));
    let mut newest: Vec<Order> = Vec::new();
    let mut next = None;
    loop {
        let query: Vec<String> = filter.iter().cloned().chain(next).collect();
        let question = if query.is_empty() { "" } else { "?" };
        let mut page: Orders = api.get(&format!("/orders{question}{}", query.join("&"))).await?;
        newest.append(&mut page.orders);
        newest.sort_unstable_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| b.order_id.cmp(&a.order_id)));
        newest.truncate(limit);
        let all = page.next.is_none() || customer.is_some() && newest.len() == limit;
        if all {
            return Ok(newest);
        }
        next = page.next.map(|next| format!("next={}", client::encode(&next)));
    }
}

/// `3 × TV, 2 × product 202`
fn items(items: &Lines) -> String {
    let line = |line: &shop::values::Line| {
        let unnamed = || format!("product {}", line.product_id);
        let name = line.product_name.as_ref().map_or_else(unnamed, ToString::to_string);
        format!("{} × {name}", line.quantity)
    };
    printable(&items.iter().map(line).collect::<Vec<_>>().join(", "))
}

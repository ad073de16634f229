//! Looking at orders, and waiting for what must become of them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use whenever::ports::Clock as _;
use whenever::{Envelope, SystemClock, Timestamp};

use crate::{Shop, fail};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take until nothing is left to do.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(10);

impl Shop {
    /// Looks until what it sees is as wanted, and answers that; fails with what it saw last.
    pub async fn until<T: std::fmt::Debug>(&self, look: impl AsyncFn() -> T, wanted: impl Fn(&T) -> bool) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let seen = look().await;
            if wanted(&seen) {
                return seen;
            }
            if Instant::now() > end {
                fail(format!("not as wanted after {} s: {seen:?}", PATIENCE.as_secs()));
            }
            sleep(PAUSE).await;
        }
    }

    /// The lines of a function's log in which CloudWatch would count something, oldest first.
    pub async fn metrics(&self, function: &str) -> Vec<Value> {
        let log = self.get(&format!("/_local/logs?about={function}")).await;
        let own = log.text().lines().filter_map(|line| line.strip_prefix(function)?.strip_prefix(' '));
        let lines = own.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["_aws"].is_object()).collect()
    }

    /// An order as `GET /orders/{id}` shows it.
    pub async fn show(&self, order: &str) -> Value {
        self.get(&format!("/orders/{order}")).await.json()
    }

    /// The order once it is no longer PENDING.
    pub async fn ended(&self, order: &str) -> Value {
        self.until(async || self.show(order).await, |order| order["status"] != "PENDING").await
    }

    /// The order once it is REJECTED, for this reason.
    pub async fn rejected(&self, order: &str, reason: &str) -> Value {
        let ended = self.ended(order).await;
        assert_eq!((&ended["status"], &ended["reason"]), (&json!("REJECTED"), &json!(reason)), "{ended}");
        ended
    }

    /// The order once it is PLACED.
    pub async fn placed(&self, order: &str) -> Value {
        let ended = self.ended(order).await;
        assert_eq!(ended["status"], "PLACED", "{ended}");
        ended
    }

    /// The order's events so far, in the order in which they happened.
    pub async fn events_of(&self, order: &str) -> Vec<Envelope> {
        let answer = self.get(&format!("/orders/{order}/events")).await.json();
        let events = answer["events"].as_array().cloned().unwrap_or_default();
        let envelope = |event: Value| Envelope::decode(event.to_string().as_bytes()).unwrap_or_else(|e| fail(e));
        events.into_iter().map(envelope).collect()
    }

    /// The order's events once they are of these types, in this order.
    pub async fn history(&self, order: &str, wanted: &[&str]) -> Vec<Envelope> {
        self.until(async || self.events_of(order).await, |events| types(events) == wanted).await
    }

    /// The order's event of this type, once it is there.
    pub async fn event(&self, order: &str, event_type: &str) -> Envelope {
        let is_wanted = |event: &Envelope| event.event_type == event_type;
        let events = self.until(async || self.events_of(order).await, |events| events.iter().any(is_wanted)).await;
        events.into_iter().find(is_wanted).unwrap_or_else(|| fail(format!("no {event_type}")))
    }

    /// Waits until the order's deadline has passed.
    pub async fn past_deadline(&self, order: &str) {
        let item = self.item("orders", &format!("order#{order}")).await.unwrap_or_default();
        let due_at = item.get("dueAt").and_then(Value::as_str).unwrap_or_else(|| fail(format!("{order} is not due")));
        let due_at: Timestamp = due_at.parse().unwrap_or_else(|e| fail(e));
        sleep(due_at.plus(PAUSE).since(SystemClock.now())).await;
    }

    /// Waits until the shop has nothing left to do.
    pub async fn settle(&self) {
        self.settle_within(SETTLED_WITHIN).await;
    }

    /// The same, for as long as this.
    pub async fn settle_within(&self, patience: Duration) {
        let body = json!({"timeoutMs": patience.as_millis()});
        let answer = self.post("/_local/settle", &body).await;
        assert_eq!(answer.status, 200, "not settled: {}", answer.text());
    }
}

/// The types of these events.
#[must_use]
pub fn types(events: &[Envelope]) -> Vec<&str> {
    events.iter().map(|event| event.event_type.as_str()).collect()
}

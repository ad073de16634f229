//! One order's history as a table: when, what, which function's doing, and how the order stood after it.

mod emitter;

use shop::order::Status;
use whenever::{Envelope, Timestamp};

use crate::table::{Cell, Side, Table, Tone};

/// Draws events in the order given; times count from the first one.
pub(crate) fn table(events: &[Envelope]) -> Table {
    let mut table =
        Table::new(&[("ms", Side::Right), ("event", Side::Left), ("policy", Side::Left), ("status", Side::Left)]);
    let start = events.first().map_or_else(Timestamp::default, |event| event.time);
    let mut standing = Standing::default();
    for event in events {
        let changed = standing.follow(event);
        let tone = if changed { standing.tone() } else { Tone::Dim };
        table.row([
            event.time.since(start).as_millis().to_string().into(),
            event.event_type.as_str().into(),
            emitter::emitter(event).unwrap_or(&event.source).into(),
            Cell::toned(standing.text(), tone),
        ]);
    }
    table
}

/// How an order stands.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Standing {
    status: Option<Status>,
    reason: Option<String>,
}

impl Standing {
    /// As the API says it.
    pub(crate) fn of(status: Status, reason: Option<&str>) -> Self {
        Self { status: Some(status), reason: reason.map(str::to_owned) }
    }

    /// Takes over what an event of the order itself says; whether that is news.
    fn follow(&mut self, event: &Envelope) -> bool {
        if event.source != "/order" {
            return false;
        }
        let status = event.data.get("status").and_then(|status| serde_json::from_value(status.clone()).ok());
        let reason = event.data.get("reason").and_then(|reason| reason.as_str()).map(str::to_owned);
        let said = Self { status, reason };
        let changed = said != *self;
        *self = said;
        changed
    }

    /// `PENDING`, `REJECTED (PAYMENT)`.
    pub(crate) fn text(&self) -> String {
        match (self.status, &self.reason) {
            (Some(status), Some(reason)) => format!("{status} ({reason})"),
            (Some(status), None) => status.to_string(),
            (None, _) => String::new(),
        }
    }

    /// Good where the order is placed, bad where it came to nothing.
    pub(crate) fn tone(&self) -> Tone {
        match self.status {
            Some(Status::Placed) => Tone::Good,
            Some(Status::Rejected | Status::Cancelled) => Tone::Bad,
            Some(Status::Pending) | None => Tone::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::terminal::Paint;

    fn event(event_type: &str, source: &str, ms: u32, data: Value) -> Envelope {
        let text = json!({"specversion": "1.0", "id": event_type, "type": event_type, "source": source, "subject": "7",
            "time": format!("2026-01-31T12:00:00.{ms:03}Z"), "data": data});
        Envelope::decode(text.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_timeline_says_who_did_what_when_and_how_the_order_stood() {
        let events = [
            event("OrderCreated", "/order", 100, json!({"status": "PENDING"})),
            event("DeliveryStarted", "/delivery", 108, json!({"status": "STARTED"})),
            event("DeadlineReached", "/order", 900, json!({"status": "REJECTED", "reason": "DEADLINE"})),
            event("OrderRejected", "/order", 901, json!({"status": "REJECTED", "reason": "DEADLINE"})),
            event("OrderWrapped", "/gift", 902, json!({})),
        ];
        let expected = "\
| ms │ event           │ policy          │ status
|────┼─────────────────┼─────────────────┼────────────────────
|  0 │ OrderCreated    │ orders-api      │ PENDING
|  8 │ DeliveryStarted │ start-delivery  │ PENDING
|800 │ DeadlineReached │ sweep-deadlines │ REJECTED (DEADLINE)
|801 │ OrderRejected   │ sweep-deadlines │ REJECTED (DEADLINE)
|802 │ OrderWrapped    │ /gift           │ REJECTED (DEADLINE)
";
        assert_eq!(table(&events).draw("|", Paint::plain()), expected);
    }
}

//! What a chapter draws besides timelines: who holds a coupon, and what the data platform was told.

use serde::Deserialize;
use serde_json::Value;

use super::look::plain;
use super::play::{INDENT, Play};
use crate::client;
use crate::table::{Cell, Side, Table};
use crate::terminal::outln;

#[derive(Deserialize)]
struct Holders {
    users: Vec<Holder>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Holder {
    user_id: String,
    issued_at: String,
}

/// What the local stack's stand-in for the data platform shows.
#[derive(Deserialize)]
struct Platform {
    received: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    body: Value,
    taken: u64,
}

impl Play<'_> {
    /// Draws who holds the coupon, who came first on top; it has to be so many.
    pub(super) async fn holders(&mut self, name: &str, many: usize) -> Result<(), String> {
        let path = format!("/coupons/{}/users", client::encode(self.names.id(name)?));
        let Holders { mut users } = self.stage.api.get(&path).await?;
        users.sort_by(|a, b| a.issued_at.cmp(&b.issued_at));
        let mut table = Table::new(&[("user", Side::Left), ("issued", Side::Left)]);
        for holder in &users {
            table.row([holder.user_id.as_str().into(), holder.issued_at.as_str().into()]);
        }
        outln!("\n{}", table.draw(INDENT, self.stage.paint));
        let seen = format!("GET {path}: {} users", users.len());
        let wrong = (users.len() != many).then(|| format!("{seen}, not {many}"));
        self.verdict(&seen, Vec::from_iter(wrong));
        Ok(())
    }

    /// Draws what the data platform was told of the order; it has to be these types, each taken once.
    pub(super) async fn told(&mut self, name: &str, types: &[&str]) -> Result<(), String> {
        let id = self.names.id(name)?.to_owned();
        let Platform { received } = self.stage.api.get("/_local/platform").await?;
        let told: Vec<_> = received.iter().filter(|message| message.body["orderId"] == id.as_str()).collect();
        let mut table = Table::new(&[
            ("the platform was told", Side::Left),
            ("status", Side::Left),
            ("total", Side::Right),
            ("discount", Side::Right),
            ("final", Side::Right),
            ("taken", Side::Right),
        ]);
        for message in &told {
            let said = |field: &str| Cell::from(plain(&message.body[field]));
            table.row([
                said("type"),
                said("status"),
                said("originalTotalAmount"),
                said("discountAmount"),
                said("finalTotalAmount"),
                message.taken.to_string().into(),
            ]);
        }
        outln!("\n{}", table.draw(INDENT, self.stage.paint));
        let is: Vec<String> = told.iter().map(|message| plain(&message.body["type"])).collect();
        let once = told.iter().all(|message| message.taken == 1);
        let seen = format!("GET /_local/platform: {} of this order", is.join(", "));
        let wrong = (is != types || !once).then(|| format!("{seen}, not {}, each taken once", types.join(", ")));
        self.verdict(&seen, Vec::from_iter(wrong));
        Ok(())
    }
}

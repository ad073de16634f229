//! What a chapter looks at: drawn, and compared with how it should be.

use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde_json::{Map, Value};

use super::play::{INDENT, Play};
use super::scene::Ending;
use super::typed;
use crate::table::{Tone, printable, tone};
use crate::terminal::outln;
use crate::timeline::Standing;
use crate::{client, orders, timeline};

/// A field of an answer.
pub(super) struct Field {
    name: String,
    is: Value,
    expected: Value,
}

impl Field {
    pub(super) fn is_right(&self) -> bool {
        self.is == self.expected
    }
}

impl Play<'_> {
    /// Draws the order's timeline; it has to have ended like this.
    pub(super) async fn ends(&mut self, name: &str, ending: &Ending) -> Result<(), String> {
        let (api, paint) = (self.stage.api, self.stage.paint);
        let order = orders::order(api, self.names.id(name)?).await?;
        let events = orders::events(api, &order.order_id).await?;
        let whose =
            if self.several { format!("{INDENT}{}\n", paint.dim(orders::wanted(&order))) } else { String::new() };
        outln!("\n{whose}{}", timeline::table(&events).draw(INDENT, paint));
        let types: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
        let differences = ending.differences(order.status, order.reason.as_deref(), &types);
        self.ended.push(Standing::of(order.status, order.reason.as_deref()).text());
        let differences = differences.into_iter().map(|difference| format!("{}: {difference}", order.order_id));
        self.verdict(&orders::ending(&order, paint), differences.collect());
        Ok(())
    }

    /// What `GET path` answers has to have these fields.
    pub(super) async fn shows(&mut self, path: &str, fields: &str) -> Result<(), String> {
        let path = self.names.fill(path);
        let looked = self.look(&path, fields).await?;
        let shown: Vec<String> = looked.iter().map(|field| format!("{} {}", field.name, plain(&field.is))).collect();
        let wrong = looked.iter().filter(|field| !field.is_right());
        let difference =
            |field: &Field| format!("GET {path}: {} {}, not {}", field.name, plain(&field.is), plain(&field.expected));
        let differences = wrong.map(difference).collect();
        self.verdict(&format!("GET {path}: {}", shown.join(", ")), differences);
        Ok(())
    }

    /// These fields of what `GET path` answers.
    pub(super) async fn look(&self, path: &str, fields: &str) -> Result<Vec<Field>, String> {
        let answer: Map<String, Value> = self.stage.api.get(path).await?;
        let expected = typed::fields(&self.names.fill(fields))?.into_iter();
        let field = |(name, expected)| Field { is: answer.get(&name).cloned().unwrap_or_default(), name, expected };
        Ok(expected.map(field).collect())
    }

    /// `GET path` has to be a 404.
    pub(super) async fn missing(&mut self, path: &str) -> Result<(), String> {
        let path = self.names.fill(path);
        let answer = client::send(Method::GET, &format!("{}{path}", self.stage.api.url()), Bytes::new()).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            self.verdict(&format!("GET {path}: there is none"), Vec::new());
            return Ok(());
        }
        client::succeeded(answer).await?;
        let seen = format!("GET {path}: there is one");
        let difference = format!("{seen}, not none");
        self.verdict(&seen, vec![difference]);
        Ok(())
    }

    pub(super) fn verdict(&mut self, seen: &str, differences: Vec<String>) {
        let (is, mark) = if differences.is_empty() { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
        outln!("{INDENT}{} {seen}", tone(self.stage.paint, is, mark));
        self.differences.extend(differences);
    }
}

/// Text without its quotes, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    printable(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

//! Plays a scene against a running stack, and prints what is done and seen.

use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde_json::Value;
use shop::order::Status;
use tokio::time::{Instant, sleep};

use super::scene::{Scene, Step};
use super::typed::Typed;
use crate::api::Api;
use crate::table::{Tone, tone};
use crate::terminal::Paint;
use crate::{client, orders, timeline};

/// Everything that a scene waits for takes at most this much longer than its deadline.
const PATIENCE: Duration = Duration::from_secs(30);

const INDENT: &str = "   ";

/// What became of a scene's order.
pub(super) struct Played {
    pub(super) order: orders::Order,
    /// What differs from how it should have been.
    pub(super) differences: Vec<String>,
}

/// A scene being played.
pub(super) struct Stage<'a> {
    pub(super) api: &'a Api,
    pub(super) port: &'a str,
    pub(super) deadline: Duration,
    pub(super) paint: Paint,
}

impl Stage<'_> {
    /// Plays the scene to its end. An error is one of the stack, not of the order.
    pub(super) async fn play(&self, scene: &Scene) -> Result<Played, String> {
        let (mut id, mut seen, mut differences) = (String::new(), Vec::new(), Vec::new());
        for step in scene.steps {
            match *step {
                Step::Given(text) => {
                    self.request(text).await?;
                }
                Step::Order(text) => {
                    let answer = self.request(text).await?;
                    id = answer.get("orderId").and_then(Value::as_str).unwrap_or_default().to_owned();
                }
                Step::Cancel => {
                    self.verdicts(&mut seen);
                    self.typing(&format!("http DELETE :{}/orders/{id}", self.port));
                    self.api.call(Method::DELETE, &format!("/orders/{id}"), Bytes::new()).await?;
                }
                Step::Stop(function) => {
                    self.api.stop_triggers(function, true).await?;
                    self.aside(&format!("{function} is down"));
                }
                Step::Wake(function) => {
                    self.api.stop_triggers(function, false).await?;
                    self.aside(&format!("{function} is up again"));
                }
                Step::Ended => self.until_ended(&id).await?,
                Step::Settled => self.api.settle(self.patience().as_millis().try_into().unwrap_or(u64::MAX)).await?,
                Step::Holds(path, name, expected) => {
                    let held: Value = self.api.get(path).await?;
                    let held = held.get(name).and_then(Value::as_i64);
                    let is = held.map_or_else(|| "nothing".to_owned(), |held| held.to_string());
                    seen.push((format!("GET {path}: {name} {is}"), held == Some(expected)));
                    if held != Some(expected) {
                        differences.push(format!("{name} of {path} is {is}, not {expected}"));
                    }
                }
                Step::NoDelivery => {
                    let there = self.exists(&format!("/deliveries/{id}")).await?;
                    let is = if there { "there is one" } else { "there is none" };
                    seen.push((format!("GET /deliveries/{id}: {is}"), !there));
                    if there {
                        differences.push("there is a delivery".to_owned());
                    }
                }
            }
        }
        let order = orders::order(self.api, &id).await?;
        let events = orders::events(self.api, &id).await?;
        println!("\n{}", timeline::table(&events).draw(INDENT, self.paint));
        let names: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
        let wrong_end = scene.ending.differences(order.status, order.reason.as_deref(), &names);
        self.verdict(&orders::ending(&order, self.paint), wrong_end.is_empty());
        self.verdicts(&mut seen);
        differences.extend(wrong_end);
        Ok(Played { order, differences })
    }

    async fn request(&self, text: &str) -> Result<Value, String> {
        let typed = Typed::parse(text)?;
        self.typing(&typed.command(self.port));
        let body = Bytes::from(Value::Object(typed.body).to_string());
        let answer = self.api.call(typed.method, &typed.path, body).await?;
        serde_json::from_slice(&answer).map_err(|error| format!("the answer to {text} is no JSON: {error}"))
    }

    async fn until_ended(&self, id: &str) -> Result<(), String> {
        let give_up = Instant::now() + self.patience();
        while orders::order(self.api, id).await?.status == Status::Pending {
            if Instant::now() > give_up {
                return Err(format!("order {id} is still PENDING after {:?}", self.patience()));
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn exists(&self, path: &str) -> Result<bool, String> {
        let answer = client::send(Method::GET, &format!("{}{path}", self.api.url()), Bytes::new()).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(false),
            _ => client::succeeded(answer).await.map(|_| true),
        }
    }

    fn patience(&self) -> Duration {
        self.deadline + PATIENCE
    }

    fn typing(&self, command: &str) {
        println!("{INDENT}{} {command}", self.paint.dim("$"));
    }

    fn aside(&self, text: &str) {
        println!("{INDENT}{}", self.paint.dim(format!("({text})")));
    }

    /// What has been looked at since the last time.
    fn verdicts(&self, seen: &mut Vec<(String, bool)>) {
        for (what, right) in seen.drain(..) {
            self.verdict(&what, right);
        }
    }

    fn verdict(&self, what: &str, right: bool) {
        let mark = if right { tone(self.paint, Tone::Good, "✓") } else { tone(self.paint, Tone::Bad, "✗") };
        println!("{INDENT}{mark} {what}");
    }
}

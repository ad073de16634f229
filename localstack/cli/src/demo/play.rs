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
use crate::terminal::{Paint, outln};
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

/// A stack that scenes are played on.
pub(super) struct Stage<'a> {
    pub(super) api: &'a Api,
    pub(super) port: &'a str,
    pub(super) deadline: Duration,
    pub(super) paint: Paint,
}

/// A scene under way.
#[derive(Default)]
struct Play {
    order: String,
    /// What was looked at and not told yet, and whether it was right.
    seen: Vec<(String, bool)>,
    differences: Vec<String>,
}

impl Stage<'_> {
    /// Plays the scene to its end. An error is one of the stack, not of the order.
    pub(super) async fn play(&self, scene: &Scene) -> Result<Played, String> {
        let mut play = Play::default();
        for step in scene.steps {
            self.step(*step, &mut play).await?;
        }
        let order = orders::order(self.api, &play.order).await?;
        let events = orders::events(self.api, &play.order).await?;
        outln!("\n{}", timeline::table(&events).draw(INDENT, self.paint));
        let names: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
        let differences = scene.ending.differences(order.status, order.reason.as_deref(), &names);
        self.verdict(&orders::ending(&order, self.paint), differences.is_empty());
        self.verdicts(&mut play);
        play.differences.extend(differences);
        Ok(Played { order, differences: play.differences })
    }

    async fn step(&self, step: Step, play: &mut Play) -> Result<(), String> {
        match step {
            Step::Given(text) => self.request(text).await.map(drop),
            Step::Order(text) => {
                let order = self.request(text).await?;
                play.order = order.get("orderId").and_then(Value::as_str).unwrap_or_default().to_owned();
                Ok(())
            }
            Step::Cancel => {
                self.verdicts(play);
                self.typing(&format!("http DELETE :{}/orders/{}", self.port, play.order));
                self.api.call(Method::DELETE, &format!("/orders/{}", play.order), Bytes::new()).await.map(drop)
            }
            Step::Stop(function) => {
                self.aside(&format!("{function} is down"));
                self.api.stop_triggers(function, true).await
            }
            Step::Wake(function) => {
                self.aside(&format!("{function} is up again"));
                self.api.stop_triggers(function, false).await
            }
            Step::Ended => self.until_ended(&play.order).await,
            Step::Settled => self.api.settle(self.patience()).await,
            Step::Holds(path, name, expected) => {
                let holds: Value = self.api.get(path).await?;
                let holds = holds.get(name).unwrap_or(&Value::Null);
                play.saw(format!("GET {path}: {name} {holds}"), *holds == expected, &expected.to_string());
                Ok(())
            }
            Step::NoDelivery => {
                let path = format!("/deliveries/{}", play.order);
                let there = self.exists(&path).await?;
                let is = if there { "there is one" } else { "there is none" };
                play.saw(format!("GET {path}: {is}"), !there, "none");
                Ok(())
            }
        }
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
        outln!("{INDENT}{} {command}", self.paint.dim("$"));
    }

    fn aside(&self, text: &str) {
        outln!("{INDENT}{}", self.paint.dim(format!("({text})")));
    }

    /// What has been looked at since the last time.
    fn verdicts(&self, play: &mut Play) {
        for (what, right) in play.seen.drain(..) {
            self.verdict(&what, right);
        }
    }

    fn verdict(&self, what: &str, right: bool) {
        let mark = if right { tone(self.paint, Tone::Good, "✓") } else { tone(self.paint, Tone::Bad, "✗") };
        outln!("{INDENT}{mark} {what}");
    }
}

impl Play {
    fn saw(&mut self, what: String, right: bool, expected: &str) {
        if !right {
            self.differences.push(format!("{what}, not {expected}"));
        }
        self.seen.push((what, right));
    }
}

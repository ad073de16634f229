//! Plays a chapter against a running stack: what is done, and printed as it is done.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use shop::order::Status;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::duplicate;
use super::look::Field;
use super::names::Names;
use super::scene::{Scene, Step};
use super::typed::Typed;
use crate::api::Api;
use crate::orders;
use crate::terminal::{Paint, outln};

/// Everything that a scene waits for takes at most this much longer than what sleeps.
const PATIENCE: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(20);

pub(super) const INDENT: &str = "   ";

/// A stack that chapters are played on.
pub(super) struct Stage<'a> {
    pub(super) api: &'a Api,
    pub(super) broker: &'a str,
    pub(super) port: &'a str,
    pub(super) deadline: Duration,
    pub(super) paint: Paint,
}

/// What became of a scene.
pub(super) struct Played {
    /// How its orders ended.
    pub(super) ended: Vec<String>,
    /// What differs from how it should have been.
    pub(super) differences: Vec<String>,
}

/// A chapter under way.
pub(super) struct Play<'a> {
    pub(super) stage: &'a Stage<'a>,
    pub(super) names: Names,
    pub(super) ended: Vec<String>,
    pub(super) differences: Vec<String>,
    /// Whether timelines say whose they are.
    pub(super) several: bool,
}

impl<'a> Play<'a> {
    pub(super) fn new(stage: &'a Stage<'a>) -> Self {
        Self { stage, names: Names::default(), ended: Vec::new(), differences: Vec::new(), several: false }
    }

    /// Plays the chapter's next scene to its end. An error is what it broke off with.
    pub(super) async fn scene(&mut self, scene: &Scene) -> Result<(), String> {
        self.several = scene.steps.iter().filter(|step| matches!(step, Step::Ends(..))).count() > 1;
        for step in scene.steps {
            self.step(step).await?;
        }
        Ok(())
    }

    /// What became of the scene that was played last.
    pub(super) fn conclude(&mut self, broke_off: Option<String>) -> Played {
        self.differences.extend(broke_off);
        Played { ended: std::mem::take(&mut self.ended), differences: std::mem::take(&mut self.differences) }
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        match *step {
            Step::Make(name, text) => self.make(name, text, "id").await,
            Step::Order(name, text) => self.make(name, text, "orderId").await,
            Step::Send(text) => self.request(text).await.map(drop),
            Step::Crowd(many, text) => self.crowd(many, text).await,
            Step::Stop(function) => {
                self.aside(&format!("{function} is down"));
                self.stage.api.put_fault(function, &json!({"stopped": true})).await
            }
            Step::Sleep(function) => {
                let delay = self.stage.deadline * 2;
                self.aside(&format!("{function} sleeps {} s", delay.as_secs_f64()));
                self.stage.api.put_fault(function, &json!({"delayMs": delay.as_millis()})).await
            }
            Step::Wake(function) => {
                self.aside(&format!("{function} is up again"));
                self.stage.api.clear_fault(function).await
            }
            Step::Again(name, times) => {
                let events = orders::events(self.stage.api, self.names.id(name)?).await?;
                let again = if times == 1 { "once more".to_owned() } else { format!("{times} times more") };
                self.aside(&format!("the broker delivers the order's {} events {again}", events.len()));
                duplicate::publish(self.stage.broker, &events, times).await
            }
            Step::Ended(name) => {
                let id = self.names.id(name)?;
                let ended =
                    async || Ok::<_, String>(orders::order(self.stage.api, id).await?.status != Status::Pending);
                self.until(ended, || format!("order {id} is still PENDING")).await
            }
            Step::Seen(name, event_type) => {
                let id = self.names.id(name)?;
                let seen = async || {
                    let events = orders::events(self.stage.api, id).await?;
                    Ok::<_, String>(events.iter().any(|event| event.event_type == event_type))
                };
                self.until(seen, || format!("order {id} still has no {event_type}")).await
            }
            Step::Until(path, fields) => {
                let path = self.names.fill(path);
                let shown = async || Ok::<_, String>(self.look(&path, fields).await?.iter().all(Field::is_right));
                self.until(shown, || format!("GET {path} still does not show {fields}")).await
            }
            Step::Settled => self.stage.api.settle(self.patience()).await,
            Step::Ends(name, ref ending) => self.ends(name, ending).await,
            Step::Shows(path, fields) => self.shows(path, fields).await,
            Step::Missing(path) => self.missing(path).await,
            Step::Holders(name, many) => self.holders(name, many).await,
            Step::Told(name, types) => self.told(name, types).await,
        }
    }

    /// Sends a request whose answer says an id, which `name` stands for from then on.
    async fn make(&mut self, name: &'static str, text: &str, id: &str) -> Result<(), String> {
        let answer = self.request(text).await?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|error| format!("{text}: no JSON: {error}"))?;
        let id = answer.get(id).and_then(Value::as_str).ok_or_else(|| format!("{text}: no {id} in {answer}"))?;
        self.names.give(name, id.to_owned());
        Ok(())
    }

    async fn request(&self, text: &str) -> Result<Bytes, String> {
        let typed = Typed::parse(&self.names.fill(text))?;
        self.typing(&typed.command(self.stage.port));
        send(self.stage.api, typed).await
    }

    /// Sends all requests at once, and says how long the slowest took.
    async fn crowd(&self, many: u32, text: &str) -> Result<(), String> {
        let text = self.names.fill(text);
        let numbered = |n: u32| Typed::parse(&text.replace("{n}", &n.to_string()));
        self.typing(&numbered(1)?.command(self.stage.port));
        let mut requests = JoinSet::new();
        for n in 1..=many {
            let (api, typed) = (self.stage.api.clone(), numbered(n)?);
            requests.spawn(async move {
                let began = Instant::now();
                send(&api, typed).await.map(|_| began.elapsed())
            });
        }
        let took: Vec<Duration> = requests.join_all().await.into_iter().collect::<Result<_, _>>()?;
        let slowest = took.iter().max().copied().unwrap_or_default();
        let all = if text.contains("{n}") { format!("and so on to {many}") } else { format!("{many} times") };
        self.aside(&format!("{all}, all at once; the slowest was answered after {slowest:.0?}"));
        Ok(())
    }

    async fn until(
        &self,
        reached: impl AsyncFn() -> Result<bool, String>,
        still: impl FnOnce() -> String,
    ) -> Result<(), String> {
        let give_up = Instant::now() + self.patience();
        while !reached().await? {
            if Instant::now() > give_up {
                return Err(format!("{} after {:?}", still(), self.patience()));
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    fn patience(&self) -> Duration {
        self.stage.deadline * 2 + PATIENCE
    }

    fn typing(&self, command: &str) {
        outln!("{INDENT}{} {command}", self.stage.paint.dim("$"));
    }

    fn aside(&self, text: &str) {
        outln!("{INDENT}{}", self.stage.paint.dim(format!("({text})")));
    }
}

async fn send(api: &Api, typed: Typed) -> Result<Bytes, String> {
    let body = if typed.body.is_empty() { Bytes::new() } else { Bytes::from(Value::Object(typed.body).to_string()) };
    api.call(typed.method, &typed.path, body).await
}

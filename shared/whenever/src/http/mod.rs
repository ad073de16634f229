//! HTTP functions: one per bounded context, its routes named as the template names them.

mod answer;
mod body;
mod call;
mod execute;
mod listed;
mod numbered;
mod problem;
mod publish;
mod reply;

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use futures_util::future::{Either, LocalBoxFuture, select};

use crate::Needs;
use crate::ports::{Broker as _, Publisher};

pub use body::Body;
pub use call::{Call, LONGEST_BODY, PAGE, Request, decode};
pub use problem::Problem;
pub use reply::Reply;

/// How long after its last attempt may start a call may go on: half of what is kept free to answer in.
const LAST_CALL: Duration = Duration::from_millis(250);

/// The routes of one HTTP function.
pub struct Api {
    name: &'static str,
    handlers: HashMap<&'static str, Box<dyn Handler>>,
    needs: Needs,
    publisher: Option<Publisher>,
}

/// A route's handler without its type. One call is answered at a time, so its future need not move between threads.
trait Handler {
    fn answer<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Reply, Problem>>;
}

impl<F: AsyncFn(&Call) -> Result<Reply, Problem>> Handler for F {
    fn answer<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Reply, Problem>> {
        Box::pin(self(call))
    }
}

impl Api {
    /// An HTTP function without routes that needs nothing.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Api { name, handlers: HashMap::new(), needs: Needs::new(), publisher: None }
    }

    /// Its handlers need this of tables, and get nothing else.
    #[must_use]
    pub fn needing(self, needs: Needs) -> Self {
        Api { needs, ..self }
    }

    /// Its handlers publish through `publisher`.
    #[must_use]
    pub fn publishing(self, publisher: &Publisher) -> Self {
        Api { publisher: Some(publisher.clone()), ..self }
    }

    /// Answers `route`, written as in the template: `POST /orders`, `GET /orders/{id}`.
    #[must_use]
    pub fn on(mut self, route: &'static str, handler: impl AsyncFn(&Call) -> Result<Reply, Problem> + 'static) -> Self {
        self.handlers.insert(route, Box::new(handler));
        self
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its role must allow.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let needs = self.needs.clone();
        self.publisher.as_ref().into_iter().fold(needs, Needs::publish)
    }

    /// Whether the broker, if it publishes, takes it as it is set up; says what to mend where it never will.
    pub async fn check(&self) -> Result<(), String> {
        match &self.publisher {
            Some(publisher) => publisher.check().await,
            None => Ok(()),
        }
    }

    /// Answers one call. A [`Problem`] becomes its answer; a call that the store leaves waiting beyond its invocation's time is
    /// answered 503, and may have had its effect.
    pub async fn answer(&self, call: &Call) -> Reply {
        let Some(handler) = self.handlers.get(call.request.route.as_str()) else {
            let route = &call.request.route;
            return Problem::not_found(format!("{route} is no route of {}", self.name)).into();
        };
        let clock = &call.invocation.platform.clock;
        let time_left = call.invocation.until.plus(LAST_CALL).since(clock.now());
        match select(handler.answer(call), clock.sleep(time_left)).await {
            Either::Left((answer, _)) => answer.unwrap_or_else(Reply::from),
            Either::Right(_) => Problem::unavailable("there was no answer in time; it may have been done").into(),
        }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("name", &self.name).field("routes", &self.handlers.keys()).finish()
    }
}

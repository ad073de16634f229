//! Clients of the HTTP functions: their calls are answered, or not.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use super::function::{Function, Host};
use super::random::Random;
use super::trigger::{Busy, Doing};
use crate::http::{Call, Reply, Request};
use crate::ports::Message;
use crate::{Answer, Function as _, Payload};

/// What acts on a simulation from outside. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(super) core: Arc<Core>,
    pub(super) hosts: Rc<BTreeMap<String, Rc<Host>>>,
    pub(super) busy: Rc<Busy>,
}

/// As long as it lives, the simulation does not count as settled.
pub struct UnderWay(#[expect(dead_code, reason = "its drop counts")] Doing);

impl Client {
    /// Calls an HTTP function; `None` if no answer comes. The call may have had its effect all the same.
    pub async fn call(&self, function: &str, request: Request) -> Option<Reply> {
        let host = self.hosts.get(function)?;
        let answer = async |function: &Function, invocation| match function {
            Function::Api(api) => Some(api.answer(&Call { request, invocation }).await),
            _ => None,
        };
        host.invoke(answer).await.flatten()
    }

    /// Invokes a function with its trigger's event, as Lambda hands it over; `None` if no answer comes.
    pub async fn invoke(&self, function: &str, payload: &str) -> Option<Answer> {
        let host = self.hosts.get(function)?;
        host.invoke(async |function, invocation| function.invoke(&Payload(payload), &invocation).await).await
    }

    /// Puts a record on a topic, whatever it is.
    pub fn publish(&self, message: Message) {
        self.core.topics().append(&self.core, message);
    }

    /// Waits, in simulated time.
    pub async fn sleep(&self, time: Duration) {
        self.core.sleep(time).await;
    }

    /// Something random, from the simulation's seed.
    pub fn random<T>(&self, of: impl FnOnce(&mut Random) -> T) -> T {
        of(&mut self.core.random())
    }

    /// Writes a line into the history.
    pub fn say(&self, what: std::fmt::Arguments<'_>) {
        self.core.say(what);
    }

    /// A promise was broken.
    pub fn violate(&self, what: String) {
        self.core.history().violate(what);
    }

    /// The simulation does not settle before this is dropped.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        UnderWay(self.busy.start())
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

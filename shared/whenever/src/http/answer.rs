//! Remembered answers: the same `Idempotency-Key` gets the same answer, word for word.

use std::marker::PhantomData;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::problem::PROBLEM_JSON;
use super::reply::JSON;
use super::{Problem, Reply};
use crate::command::Touches;
use crate::id::digest;
use crate::{Aggregate, Command, Decision, Refusal, Tables, Timestamp, World};

/// How long a key is remembered.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// The first answer to a key, in the table of context `A`: written in the transaction of the command's own effect.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound = "")]
pub(super) struct Answer<A> {
    body_hash: String,
    status: u16,
    problem: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    body: String,
    remembered_until: Timestamp,
    #[serde(skip)]
    context: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Aggregate for Answer<A> {
    const KIND: &'static str = "answer";
    const TABLE: &'static str = A::TABLE;
    type Command = (String, Reply);

    fn transition(
        _: Option<&Self>,
        (body_hash, reply): Self::Command,
        now: Timestamp,
    ) -> Result<Decision<Self>, Refusal> {
        Ok(Decision::silent(Answer {
            body_hash,
            status: reply.status,
            problem: reply.content_type == PROBLEM_JSON,
            location: reply.location,
            body: reply.body,
            remembered_until: now.plus(KEPT),
            context: PhantomData,
        }))
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.remembered_until)
    }
}

/// A command that is carried out once per key.
pub(super) struct Once<'a, A, C, R> {
    pub(super) id: String,
    pub(super) body_hash: String,
    pub(super) command: &'a C,
    pub(super) reply: R,
    /// Whether a taken id is an answer to remember, and not one to try another id after.
    pub(super) remember_taken: bool,
    pub(super) context: PhantomData<fn() -> A>,
}

impl<A: Aggregate, C, R> Once<'_, A, C, R> {
    /// What causes its effect: the key, and where a table still has the answer of an earlier use, long over, another use of it. Events
    /// of both would pass for the same otherwise.
    pub(super) fn cause(&self, world: &World, now: Timestamp) -> String {
        match world.get::<Answer<A>>(&self.id) {
            Some(over) if !over.counts(now) => digest(&[&self.id, &over.remembered_until.to_string()]),
            _ => self.id.clone(),
        }
    }
}

impl<A, C, R> Command for Once<'_, A, C, R>
where
    A: Aggregate,
    C: Command,
    R: Fn(&World) -> Reply + Send + Sync,
{
    fn tables() -> Tables {
        C::tables().and(Tables::of::<A>())
    }

    fn touches(&self) -> Touches {
        self.command.touches().create::<Answer<A>>(&self.id)
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        if world.get::<Answer<A>>(&self.id).is_some_and(|answer| answer.counts(world.now())) {
            return Ok(());
        }
        let reply = match world.attempt(self.command) {
            Ok(()) => (self.reply)(world),
            Err(refusal @ Refusal::Taken(_)) if !self.remember_taken => return Err(refusal),
            // A bug may be mended.
            Err(refusal @ Refusal::Broken(_)) => return Err(refusal),
            Err(refusal) => Problem::from(refusal).into(),
        };
        world.apply::<Answer<A>>(&self.id, (self.body_hash.clone(), reply))
    }
}

impl<A: Aggregate> Answer<A> {
    /// The table deletes late: an answer past its time counts as none.
    fn counts(&self, now: Timestamp) -> bool {
        now < self.remembered_until
    }

    /// The remembered reply, if it was given to the same body.
    pub(super) fn replay(&self, body_hash: &str) -> Result<Reply, Problem> {
        if self.body_hash != body_hash {
            return Err(Problem::unprocessable("Idempotency-Key was used before with another body"));
        }
        Ok(Reply {
            status: self.status,
            content_type: if self.problem { PROBLEM_JSON } else { JSON },
            location: self.location.clone(),
            body: self.body.clone(),
            trouble: None,
        })
    }
}

//! Creating what comes without an id.

use super::{Call, Problem, Reply};
use crate::{Counter, CreateNumbered, Numbered, Refusal, World};

impl Call {
    /// Creates an `A` under the next free number, once per `Idempotency-Key` where the request has one, and answers what `reply`
    /// makes of its id and the world after it.
    ///
    /// # Errors
    ///
    /// As [`Call::execute`].
    pub async fn create_numbered<A: Numbered>(
        &self,
        draft: A::Draft,
        reply: impl Fn(&str, &World) -> Reply + Send + Sync,
    ) -> Result<Reply, Problem> {
        let mut number = Counter::<A>::next(self.read(A::KIND).await?.as_ref());
        loop {
            let (command, id) = (CreateNumbered::<A>::new(number, draft.clone()), number.to_string());
            match self.try_execute::<A>(&command, |world| reply(&id, world)).await? {
                // Somebody chose this number as an id.
                Err(Refusal::Taken(_)) if !self.is_over() => number = number.saturating_add(1),
                answered => return answered.map_err(Problem::from),
            }
        }
    }
}

//! Publishing from an HTTP function: what changes no state is on Kafka before the call is answered.

use futures_util::future::{Either, select};

use super::{Call, Problem};
use crate::Announcement;
use crate::id::{digest, digest_bytes};
use crate::outbox::announced;
use crate::ports::{Broker as _, Message, PublishError, Publisher};

impl Call {
    /// Publishes an event to a topic of `publisher` and waits for the broker's acknowledgement. The same request with the same `Idempotency-Key` publishes an
    /// event of the same id, by which its listeners know it.
    ///
    /// # Errors
    ///
    /// 400 for a wrong key; 500 where the broker refuses the event itself; 503 where it does not acknowledge it in the invocation's
    /// time. It may have taken it all the same.
    pub async fn publish(&self, publisher: &Publisher, announcement: Announcement) -> Result<(), Problem> {
        let cause = match self.idempotency_key()? {
            // Nothing remembers the key: another body is another event.
            Some(key) => digest(&[&self.request.route, &self.path_text(), key, &digest_bytes(&self.request.body)]),
            None => self.new_id(),
        };
        let clock = &self.invocation.platform.clock;
        let now = clock.now();
        let event = announced(announcement, &self.cause(cause), now);
        let acknowledged = publisher.publish(vec![Message::from(&event)]);
        let answers = match select(acknowledged, clock.sleep(self.invocation.until.since(now))).await {
            Either::Left((answers, _)) => answers,
            Either::Right(_) => Vec::new(),
        };
        match answers.into_iter().next() {
            Some(Ok(())) => Ok(()),
            Some(Err(e @ PublishError::Refused(_))) => Err(Problem::internal(e.to_string())),
            Some(Err(e)) => Err(Problem::unavailable(e.to_string())),
            None => Err(Problem::unavailable("the broker did not answer in time")),
        }
    }
}

//! One invocation on its way: its payload in, its answer out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::error::InvokeError;

/// What an invocation ends with.
pub(super) type Answer = Result<Bytes, InvokeError>;

/// One invocation. Dropped without an answer it counts as crashed.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) payload: Bytes,
    reply: oneshot::Sender<Answer>,
    _flight: Option<Flight>,
}

impl Job {
    /// A job, and where its answer arrives.
    pub(super) fn new(id: String, payload: Bytes, flight: Option<Flight>) -> (Self, oneshot::Receiver<Answer>) {
        let (reply, answer) = oneshot::channel();
        (Self { id, payload, reply, _flight: flight }, answer)
    }

    /// Ends it. Nobody may be waiting any more: then the answer is lost, as in Lambda.
    pub(super) fn answer(self, answer: Answer) {
        self.reply.send(answer).ok();
    }
}

/// Counts an invocation as under way for as long as it lives.
#[derive(Debug)]
pub(super) struct Flight(Arc<AtomicUsize>);

impl Flight {
    pub(super) fn start(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

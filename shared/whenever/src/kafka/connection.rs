//! What the producer hears of its connections: it says more than the error of a record that waited in vain.

use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// The last trouble with a connection, until a record is acknowledged. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Connection(Arc<Mutex<Option<String>>>);

impl Connection {
    /// The broker took a record.
    pub(super) fn works(&self) {
        self.set(None);
    }

    /// An error, with the trouble that it may come from.
    pub(super) fn explain(&self, error: &KafkaError) -> String {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(trouble) => format!("{error}; {trouble}"),
            None => error.to_string(),
        }
    }

    fn set(&self, trouble: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

impl ClientContext for Connection {
    fn error(&self, error: KafkaError, reason: &str) {
        // That all brokers are down follows from what was said of each.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            self.set(Some(reason.to_owned()));
        }
    }
}

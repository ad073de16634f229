//! What a client hears of its connections: it says more than the error of a record that waited in vain.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use tokio::sync::Notify;

use super::access::KafkaAccess;
use super::trouble::Trouble;

/// Listens to a client's connections, and gives it tokens. Clones share what they heard.
#[derive(Clone)]
pub struct KafkaConnection {
    access: KafkaAccess,
    heard: Arc<Heard>,
}

#[derive(Default)]
struct Heard {
    /// The last trouble, until the broker does something.
    trouble: Mutex<Option<Trouble>>,
    denied: Notify,
}

impl KafkaConnection {
    pub(super) fn new(access: KafkaAccess) -> Self {
        KafkaConnection { access, heard: Arc::default() }
    }

    /// What the last trouble was, with what to do where waiting does not help; `None` if connections were made, or are still
    /// being made.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.last().map(|trouble| trouble.text().to_owned())
    }

    /// The broker did something: whatever was heard before is over.
    pub(super) fn works(&self) {
        self.set(None);
    }

    pub(super) fn last(&self) -> Option<Trouble> {
        self.heard.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the broker does not take this user or role; at once if that has happened since the last time.
    pub(super) async fn denied(&self) {
        self.heard.denied.notified().await;
    }

    /// An error, with the trouble that it may come from.
    pub(super) fn explain(&self, error: &KafkaError) -> String {
        match self.last() {
            Some(trouble) => format!("{error}; {}", trouble.text()),
            None => error.to_string(),
        }
    }

    fn set(&self, trouble: Option<Trouble>) {
        *self.heard.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

impl ClientContext for KafkaConnection {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, _: RDKafkaLogLevel, _: &str, line: &str) {
        if let Some(trouble) = Trouble::logged(line, self.access.authentication()) {
            self.set(Some(trouble));
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let Some(trouble) = Trouble::of(&error, reason, self.access.authentication()) else { return };
        let denied = matches!(trouble, Trouble::Denied(_));
        self.set(Some(trouble));
        if denied {
            self.heard.denied.notify_one();
        }
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        #[cfg(feature = "kafka-tls")]
        if let Some(secured) = self.access.secured() {
            return Ok(secured.token()?);
        }
        Err("this broker is not asked for by tokens".into())
    }
}

impl ConsumerContext for KafkaConnection {}

impl fmt::Debug for KafkaConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaConnection").field("access", &self.access).finish_non_exhaustive()
    }
}

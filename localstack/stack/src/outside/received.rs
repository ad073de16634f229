//! What an outside system was sent, by idempotency key.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

/// The most messages that are remembered.
const REMEMBERED: usize = 10_000;

/// The latest messages, oldest first.
#[derive(Debug, Default)]
pub(super) struct Received {
    messages: BTreeMap<u64, Message>,
    numbers: HashMap<String, u64>,
    total: u64,
    next: u64,
}

/// What was sent under one key.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    idempotency_key: Option<String>,
    content_type: Option<String>,
    body: Value,
    /// When it came first.
    received_at: String,
    /// How often it came.
    attempts: u64,
    /// How often it was taken; more than once only where a duplicate came after that.
    taken: u64,
}

impl Received {
    /// Notes a request, and answers its message's number.
    pub(super) fn note(&mut self, key: Option<&str>, content_type: Option<&str>, body: &Bytes, at: String) -> u64 {
        let known = key.and_then(|key| self.numbers.get(key).copied());
        if let Some((number, message)) = known.and_then(|number| Some((number, self.messages.get_mut(&number)?))) {
            message.attempts += 1;
            return number;
        }
        let number = self.next;
        self.next += 1;
        self.total += 1;
        let message = Message {
            idempotency_key: key.map(str::to_owned),
            content_type: content_type.map(str::to_owned),
            body: serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into()),
            received_at: at,
            attempts: 1,
            taken: 0,
        };
        self.messages.insert(number, message);
        self.numbers.extend(key.map(|key| (key.to_owned(), number)));
        if self.messages.len() > REMEMBERED
            && let Some((_, oldest)) = self.messages.pop_first()
            && let Some(key) = oldest.idempotency_key
        {
            self.numbers.remove(&key);
        }
        number
    }

    /// The message was answered as taken.
    pub(super) fn take(&mut self, number: u64) {
        if let Some(message) = self.messages.get_mut(&number) {
            message.taken += 1;
        }
    }

    /// Forgets all messages.
    pub(super) fn forget(&mut self) {
        *self = Received { next: self.next, ..Received::default() };
    }

    /// How many different messages came, and the latest of them.
    pub(super) fn show(&self) -> (u64, Vec<Message>) {
        (self.total, self.messages.values().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{REMEMBERED, Received};
    use bytes::Bytes;

    fn note(received: &mut Received, key: &str) -> u64 {
        received.note(Some(key), None, &Bytes::from_static(b"{}"), String::new())
    }

    #[test]
    fn a_key_that_comes_again_is_the_same_message() {
        let mut received = Received::default();
        let first = note(&mut received, "a");
        received.take(first);
        assert_ne!(note(&mut received, "b"), first);
        assert_eq!(note(&mut received, "a"), first);
        let (total, messages) = received.show();
        assert_eq!((total, messages.len(), messages[0].attempts, messages[0].taken), (2, 2, 2, 1));
        received.forget();
        // An answer that was under way when it was forgotten is not another message's.
        received.take(first);
        assert_eq!(received.show().0, 0);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut received = Received::default();
        for number in 0..=REMEMBERED {
            note(&mut received, &number.to_string());
        }
        let (total, messages) = received.show();
        assert_eq!((total, messages.len()), (REMEMBERED as u64 + 1, REMEMBERED));
        assert_eq!(received.numbers.len(), REMEMBERED);
        assert_eq!(messages[0].idempotency_key.as_deref(), Some("1"));
    }
}

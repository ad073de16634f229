//! Client tokens of transactions: a transaction sent again is answered again, not carried out again.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// How long DynamoDB remembers a token.
const REMEMBERED: Duration = Duration::from_secs(600);
/// The most tokens kept; a local client repeats within seconds, so older ones only cost memory.
const MOST: usize = 100_000;

/// What a token was used for before.
pub(super) enum Seen {
    /// Never, or too long ago.
    No,
    /// For the same transaction, which was answered so.
    Same(Box<str>),
    /// For another transaction.
    Other,
}

/// The tokens of the last ten minutes. Lookup, insertion and expiry take constant time.
#[derive(Default)]
pub(super) struct Tokens {
    known: HashMap<Box<str>, (u64, Box<str>)>,
    by_age: VecDeque<(Instant, Box<str>)>,
}

impl Tokens {
    /// What this token was used for; `fingerprint` is that of the transaction sent with it now.
    pub(super) fn seen(&mut self, token: &str, fingerprint: u64, now: Instant) -> Seen {
        while self.by_age.front().is_some_and(|(used, _)| now.duration_since(*used) > REMEMBERED)
            || self.by_age.len() > MOST
        {
            if let Some((_, old)) = self.by_age.pop_front() {
                self.known.remove(&old);
            }
        }
        match self.known.get(token) {
            None => Seen::No,
            Some((known, answer)) if *known == fingerprint => Seen::Same(answer.clone()),
            Some(_) => Seen::Other,
        }
    }

    /// Remembers the answer to a transaction that was carried out.
    pub(super) fn remember(&mut self, token: &str, fingerprint: u64, answer: &str, now: Instant) {
        self.known.insert(token.into(), (fingerprint, answer.into()));
        self.by_age.push_back((now, token.into()));
    }
}

/// Tells transactions apart by the bytes of their request.
pub(super) fn fingerprint(request: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_answers_its_own_transaction_only_and_for_ten_minutes() {
        let (mut tokens, start) = (Tokens::default(), Instant::now());
        assert!(matches!(tokens.seen("t", 1, start), Seen::No));
        tokens.remember("t", 1, "{}", start);
        assert!(matches!(tokens.seen("t", 1, start + REMEMBERED), Seen::Same(answer) if &*answer == "{}"));
        assert!(matches!(tokens.seen("t", 2, start), Seen::Other));
        assert!(matches!(tokens.seen("t", 1, start + REMEMBERED + Duration::from_secs(1)), Seen::No));
    }

    #[test]
    fn tokens_do_not_pile_up() {
        let (mut tokens, now) = (Tokens::default(), Instant::now());
        for n in 0..MOST + 10 {
            tokens.seen(&n.to_string(), 0, now);
            tokens.remember(&n.to_string(), 0, "{}", now);
        }
        assert!(tokens.known.len() <= MOST + 1 && tokens.by_age.len() <= MOST + 1);
    }
}

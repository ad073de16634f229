//! Ids that repeat when the same thing is decided twice, and ids that are new.

use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::Timestamp;

/// The id of the event at `position` among those that `cause` made the aggregate (`kind`, `id`) emit.
/// Whatever is decided or published twice has the same id twice.
#[must_use]
pub fn event_id(cause: &str, kind: &str, id: &str, position: usize) -> String {
    digest(&[cause, kind, id, &position.to_string()])
}

/// 128 bits of SHA-256 over the parts, as 32 hexadecimal digits. Parts are told apart by their lengths.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize()[..16])
}

/// The same for bytes.
#[must_use]
pub fn digest_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..16])
}

/// A UUIDv7 (RFC 9562): sorts by `now`, then by `random`.
#[must_use]
pub fn uuid_v7(now: Timestamp, random: [u8; 10]) -> String {
    let ms = u64::try_from(now.millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(ms, &random).into_uuid().to_string()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_decision_has_the_same_id_and_others_have_others() {
        let id = event_id("cause", "order", "7", 0);
        assert_eq!(id, event_id("cause", "order", "7", 0));
        assert_eq!(id.len(), 32);
        assert_ne!(id, event_id("cause", "order", "7", 1));
        assert_ne!(id, event_id("cause", "payment", "7", 0));
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
    }

    #[test]
    fn uuids_sort_by_time() {
        let early = uuid_v7(Timestamp::from_millis(1_000), [255; 10]);
        let late = uuid_v7(Timestamp::from_millis(1_001), [0; 10]);
        assert!(early < late);
        assert_eq!(early.len(), 36);
    }
}

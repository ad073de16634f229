//! The operator's side of the dead letters: reading them, and taking out what has been settled.

use std::collections::BTreeMap;

use super::letter::{self, Letter};
use super::sequence::{self, Held};
use super::{TABLE, original};
use crate::DynamoStore;
use crate::dynamodb::Change;
use crate::id::digest_bytes;
use crate::item::PK;
use crate::ports::Store;
use crate::ports::store::{Query, StoreError, WriteError};
use crate::record::Record;

/// How often a letter is tried to be taken out while others of its key come and go.
const ATTEMPTS: u32 = 10;

/// The dead letters of a deployment.
#[derive(Debug)]
pub struct Letterbox(DynamoStore);

/// What became of a letter that was to be taken out.
#[derive(Debug, Clone, PartialEq)]
pub enum Removal {
    /// It is gone, and the next one of its key is the first now.
    Gone,
    /// Its record has been parked again since the letter was read; as it is now, or `None` where somebody else took it out.
    Changed(Option<Box<Letter>>),
}

impl Letterbox {
    /// The letters in the table that this store's settings name in `DEAD_LETTERS_TABLE`.
    #[must_use]
    pub fn of(store: DynamoStore) -> Self {
        Letterbox(store)
    }

    /// All letters of a policy, or of all policies: oldest first, and those of one key in the order in which they wait.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub async fn letters(&self, policy: Option<&str>) -> Result<Vec<Letter>, StoreError> {
        let partition = policy.map(|policy| (PK, super::cut(policy).to_owned()));
        let mut query = Query { table: TABLE, partition, consistent: true, ..Query::default() };
        let mut letters = Vec::new();
        loop {
            let page = self.0.query(query.clone()).await?;
            letters.extend(page.items.iter().filter_map(Letter::read));
            match page.next {
                Some(next) => query.start = Some(next),
                None => break,
            }
        }
        Ok(in_order(letters))
    }

    /// The record as it came, value and headers included.
    ///
    /// # Errors
    ///
    /// What the store says; [`StoreError::Rejected`] where a part is missing.
    pub async fn record(&self, letter: &Letter) -> Result<Record, StoreError> {
        let mut record = letter.record.clone();
        if letter.parts == 0 {
            return Ok(record);
        }
        let missing = || StoreError::Rejected(format!("a part of {} is missing or damaged", letter.name()));
        let mut parts = Vec::with_capacity(letter.parts);
        for n in 0..letter.parts {
            let part = self.0.item(TABLE, &letter::parts_pk(&letter.policy), &letter::part_sk(&letter.sk, n)).await?;
            let text = part.and_then(|part| Some(part.get("document")?.as_str()?.to_owned()));
            parts.push(text.ok_or_else(missing)?);
        }
        let original = original::join(&parts).ok_or_else(missing)?;
        original::read(&original, &mut record).ok_or_else(missing)?;
        Ok(record)
    }

    /// Takes a letter out unless its record has been parked again since it was read. `known` are all letters as far as the caller
    /// knows: where the one that waits behind it is not among them, it is looked for.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub async fn remove(&self, letter: &Letter, known: &[Letter]) -> Result<Removal, StoreError> {
        let key = if letter.place.is_some() { self.key(letter).await? } else { None };
        let waiting = known.iter().filter(|other| other.is_beside(letter) && other.place > letter.place);
        let mut next = waiting.min_by_key(|other| other.place).cloned();
        for _ in 0..ATTEMPTS {
            let mut changes = vec![Change::delete(TABLE, &letter.policy, &letter.sk, letter.version)];
            if let Some(key) = &key {
                let (pk, sk) = (sequence::pk(&letter.policy), digest_bytes(key));
                if let Some(held) = self.0.item(TABLE, &pk, &sk).await?.as_ref().and_then(Held::read) {
                    if held.head == letter.sk && next.is_none() {
                        next = self.beside(letter, key).await?;
                    }
                    changes.extend(match &next {
                        _ if held.head != letter.sk => vec![Change::check(TABLE, &pk, &sk, Some(held.version))],
                        None => vec![Change::delete(TABLE, &pk, &sk, held.version)],
                        Some(next) => {
                            let moved = Held { head: next.sk.clone(), version: held.version + 1 };
                            let there = Change::check(TABLE, &next.policy, &next.sk, None);
                            vec![Change::Put(moved.put(&letter.policy, key, Some(&held))), there]
                        }
                    });
                }
            }
            match self.0.change(changes).await {
                Ok(()) => {
                    self.sweep_parts(letter).await?;
                    return Ok(Removal::Gone);
                }
                Err(WriteError::Failed(e)) => return Err(e),
                Err(WriteError::Condition(_) | WriteError::Conflict) => next = None,
            }
            let now = self.0.item(TABLE, &letter.policy, &letter.sk).await?.as_ref().and_then(Letter::read);
            if now.as_ref().is_none_or(|now| now.version != letter.version) {
                return Ok(Removal::Changed(now.map(Box::new)));
            }
        }
        Err(StoreError::Unavailable(format!("others keep changing what waits with {}", letter.name())))
    }

    /// The first of the letters of its key but itself.
    async fn beside(&self, letter: &Letter, key: &[u8]) -> Result<Option<Letter>, StoreError> {
        let mut first: Option<Letter> = None;
        for other in self.letters(Some(&letter.policy)).await? {
            let closer = first.as_ref().is_none_or(|first| other.place < first.place);
            let waits = other.place.is_some() && other.sk != letter.sk;
            if waits && closer && self.key(&other).await?.as_deref() == Some(key) {
                first = Some(other);
            }
        }
        Ok(first)
    }

    /// A letter's key; one that is too long to be shown stands in the parts.
    async fn key(&self, letter: &Letter) -> Result<Option<Vec<u8>>, StoreError> {
        match &letter.record.key {
            None if letter.parts > 0 => Ok(self.record(letter).await?.key),
            shown => Ok(shown.clone()),
        }
    }

    /// The parts of a letter that is gone; one that stays behind after a crash is written anew with the next letter.
    async fn sweep_parts(&self, letter: &Letter) -> Result<(), StoreError> {
        for n in 0..letter.parts {
            self.0.delete(TABLE, &letter::parts_pk(&letter.policy), &letter::part_sk(&letter.sk, n)).await?;
        }
        Ok(())
    }
}

/// The oldest first, but those of one key, as far as they have places, in the order in which they wait.
fn in_order(mut letters: Vec<Letter>) -> Vec<Letter> {
    letters.sort_by(|a, b| (a.parked_at, &a.sk).cmp(&(b.parked_at, &b.sk)));
    let mut rows: BTreeMap<(&str, &[u8]), Vec<usize>> = BTreeMap::new();
    for (at, letter) in letters.iter().enumerate().filter(|(_, letter)| letter.place.is_some()) {
        if let Some(key) = letter.record.key.as_deref() {
            rows.entry((&letter.policy, key)).or_default().push(at);
        }
    }
    let mut order: Vec<usize> = (0..letters.len()).collect();
    for row in rows.into_values() {
        let mut waiting = row.clone();
        waiting.sort_by_key(|at| letters[*at].place);
        row.into_iter().zip(waiting).for_each(|(at, letter)| order[at] = letter);
    }
    order.into_iter().map(|at| letters[at].clone()).collect()
}

impl Letter {
    /// Whether both are of the same policy and key.
    #[must_use]
    pub fn is_beside(&self, other: &Letter) -> bool {
        self.policy == other.policy && self.record.key.is_some() && self.record.key == other.record.key
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn letter(offset: i64, key: &str, minute: u32, place: Option<u64>) -> Letter {
        let item = json!({
            "pk": "p", "sk": offset.to_string(), "policy": "p", "topic": "t", "partition": 0, "offset": offset, "key": key,
            "reason": "r", "parkedAt": format!("2026-01-01T00:{minute:02}:00.000Z"), "place": place,
        });
        Letter::read(item.as_object().unwrap()).unwrap()
    }

    #[test]
    fn letters_of_a_key_stand_in_their_order_whoever_parked_them_and_whatever_the_clocks_said() {
        let letters = vec![
            letter(1, "a", 0, Some(1)),
            letter(2, "b", 5, None),
            letter(3, "a", 10, None),
            letter(4, "c", 20, Some(7)),
            letter(5, "c", 15, Some(8)),
        ];
        let offsets =
            |letters: Vec<Letter>| -> Vec<i64> { letters.iter().map(|letter| letter.record.offset).collect() };
        assert_eq!(offsets(in_order(letters.clone())), [1, 2, 3, 4, 5]);
        assert_eq!(offsets(in_order(letters.into_iter().rev().collect())), [1, 2, 3, 4, 5]);
    }
}

//! A letter: what its item says, written by whoever parks and read by whoever looks.

use serde_json::Value;

use super::{cut, original};
use crate::Timestamp;
use crate::id::digest_bytes;
use crate::item::{Item, PK, SK, VERSION};
use crate::record::{EventRef, Record};

/// A letter's place among those of its key, where they are kept in order.
pub(super) const PLACE: &str = "place";

/// Why and how often a record failed.
pub(super) struct Failure<'a> {
    pub(super) reason: &'a str,
    /// `None` where it was not attempted, because it waits behind another.
    pub(super) attempts: Option<u32>,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) now: Timestamp,
}

/// A record that was given up, as the table of dead letters holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The policy that gave it up, or for which Lambda did.
    pub policy: String,
    /// The record: topic, partition, offset, time and key; value and headers unless they stand in parts.
    pub record: Record,
    /// Why it was given up the last time.
    pub reason: String,
    /// How often it was tried; 0 where it only waits behind another of its key.
    pub attempts: u64,
    /// When it was parked.
    pub parked_at: Timestamp,
    /// When it failed first. Where Lambda gave up nobody knows: then it is the broker's time of the record, the earliest that it can be.
    pub first_failed_at: Timestamp,
    /// When it failed last.
    pub last_failed_at: Timestamp,
    /// The event that it carries, where it can be decoded.
    pub event: Option<EventRef>,
    /// Its place among the letters of its key, where they are kept in order.
    pub place: Option<u64>,
    /// In how many parts value and headers stand, where they are too long for an item.
    pub(super) parts: usize,
    /// Counts its writes: it changes when the record is parked again.
    pub(super) version: u64,
    pub(super) sk: String,
}

/// Sort key of a record's letter. Offsets come again when a topic is made anew, so the bytes count too.
pub(super) fn sk(record: &Record) -> String {
    let value = record.value.as_deref().unwrap_or_default();
    format!("{}/{}/{:020}/{}", cut(&record.topic), record.partition, record.offset, digest_bytes(value))
}

/// Everything but the key of the item and the record's own bytes.
pub(super) fn describe(policy: &str, record: &Record, event: Option<&EventRef>, why: &Failure<'_>) -> Item {
    let mut item = Item::new();
    let mut set = |name: &str, value: Value| item.insert(name.to_owned(), value);
    set(VERSION, 1.into());
    set("policy", cut(policy).into());
    set("topic", cut(&record.topic).into());
    set("partition", record.partition.into());
    set("offset", record.offset.into());
    set("reason", cut(why.reason).into());
    set("attempts", why.attempts.unwrap_or(0).into());
    set("recordTime", record.timestamp.to_string().into());
    set("parkedAt", why.now.to_string().into());
    set("firstFailedAt", why.first.to_string().into());
    set("lastFailedAt", why.last.to_string().into());
    if let Some(event) = event {
        set("eventId", cut(&event.id).into());
        set("type", cut(&event.event_type).into());
        set("correlationId", cut(&event.correlation_id).into());
    }
    item
}

/// The letter of a record that failed once more, and the version that it had; `None` where it cannot be read.
pub(super) fn again(mut letter: Item, why: &Failure<'_>) -> Option<(Item, u64)> {
    let version = letter.get(VERSION)?.as_u64()?;
    let attempts = letter.get("attempts").and_then(Value::as_u64).unwrap_or(0) + u64::from(why.attempts.unwrap_or(0));
    letter.insert(VERSION.to_owned(), (version + 1).into());
    letter.insert("attempts".to_owned(), attempts.into());
    letter.insert("reason".to_owned(), cut(why.reason).into());
    letter.insert("lastFailedAt".to_owned(), why.last.to_string().into());
    Some((letter, version))
}

/// Part number `n` of a long letter.
pub(super) fn part(policy: &str, sk: &str, n: usize, text: String) -> Item {
    let mut item = Item::new();
    item.insert(PK.to_owned(), parts_pk(policy).into());
    item.insert(SK.to_owned(), part_sk(sk, n).into());
    item.insert("document".to_owned(), text.into());
    item
}

pub(super) fn parts_pk(policy: &str) -> String {
    format!("{}/parts", cut(policy))
}

pub(super) fn part_sk(sk: &str, n: usize) -> String {
    format!("{sk}/{n:04}")
}

impl Letter {
    /// Reads an item of the table; `None` where it is none: a part, a key's item, or what somebody else wrote.
    #[must_use]
    pub fn read(item: &Item) -> Option<Self> {
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| item.get(name).and_then(Value::as_u64);
        let time = |name: &str| text(name).and_then(|time| time.parse::<Timestamp>().ok());
        let mut record = Record {
            topic: text("topic")?,
            partition: i32::try_from(item.get("partition")?.as_i64()?).ok()?,
            offset: item.get("offset")?.as_i64()?,
            timestamp: time("recordTime").unwrap_or_default(),
            ..Record::default()
        };
        original::read(item, &mut record)?;
        let parked_at = time("parkedAt")?;
        let event = text("eventId").zip(text("type")).zip(text("correlationId"));
        Some(Letter {
            policy: text("policy")?,
            record,
            reason: text("reason")?,
            attempts: number("attempts").unwrap_or(1),
            parked_at,
            first_failed_at: time("firstFailedAt").unwrap_or(parked_at),
            last_failed_at: time("lastFailedAt").unwrap_or(parked_at),
            event: event.map(|((id, event_type), correlation_id)| EventRef { id, event_type, correlation_id }),
            place: number(PLACE),
            parts: number("parts").and_then(|parts| usize::try_from(parts).ok()).unwrap_or(0),
            version: number(VERSION).unwrap_or(0),
            sk: text(SK)?,
        })
    }

    /// `TOPIC/PARTITION/OFFSET`: how people name it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.record.topic, self.record.partition, self.record.offset)
    }
}

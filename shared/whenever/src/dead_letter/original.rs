//! A record's own bytes as JSON: text as it is, other bytes as base64 under `NAMEBase64`. Both give the original bytes back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::item::Item;
use crate::record::Record;

/// Key, value and headers that are longer as JSON stand in items of their own, as parts of that JSON, so that no item reaches
/// DynamoDB's 400 KB (AWS limit).
const PART: usize = 300 * 1024;

/// A longer key stands only with the value: the letter itself shows short ones.
const SHOWN_KEY: usize = 1024;

/// Key, value and headers.
pub(super) fn write(record: &Record) -> Item {
    let headers: Vec<Value> = record
        .headers
        .iter()
        .map(|(name, value)| json!({ "name": name, "valueBase64": STANDARD.encode(value) }))
        .collect();
    let mut item = Item::new();
    item.insert("headers".to_owned(), headers.into());
    if let Some(key) = &record.key {
        insert_bytes(&mut item, "key", key);
    }
    if let Some(value) = &record.value {
        insert_bytes(&mut item, "value", value);
    }
    item
}

/// What [`write`] wrote, into `record`; `None` where somebody else wrote it.
pub(super) fn read(item: &Item, record: &mut Record) -> Option<()> {
    record.key = bytes(item, "key")?;
    record.value = bytes(item, "value")?;
    record.headers = match item.get("headers") {
        None => Vec::new(),
        Some(headers) => headers.as_array()?.iter().map(header).collect::<Option<_>>()?,
    };
    Some(())
}

/// The original in pieces where it is too long for its letter, with what the letter shows of it in their place.
pub(super) fn split(original: Item) -> Result<Item, (Item, Vec<String>)> {
    // Text keys and plain values only: this cannot fail.
    let document = serde_json::to_string(&original).unwrap_or_default();
    if document.len() <= PART {
        return Ok(original);
    }
    let is_shown = |(name, value): &(String, Value)| {
        name.starts_with("key") && value.as_str().is_some_and(|key| key.len() <= SHOWN_KEY)
    };
    Err((original.into_iter().filter(is_shown).collect(), parts(&document).map(str::to_owned).collect()))
}

/// The original from its pieces, in order.
#[cfg(feature = "lambda")]
pub(super) fn join(parts: &[String]) -> Option<Item> {
    serde_json::from_str(&parts.concat()).ok()
}

/// Some of the record's bytes: `Some(None)` where it has none, `None` where they are damaged.
fn bytes(item: &Item, name: &str) -> Option<Option<Vec<u8>>> {
    match (item.get(name), item.get(&format!("{name}Base64"))) {
        (Some(text), _) => Some(Some(text.as_str()?.as_bytes().to_vec())),
        (None, Some(text)) => Some(Some(STANDARD.decode(text.as_str()?).ok()?)),
        (None, None) => Some(None),
    }
}

fn header(header: &Value) -> Option<(String, Vec<u8>)> {
    let name = header.get("name")?.as_str()?.to_owned();
    Some((name, STANDARD.decode(header.get("valueBase64")?.as_str()?).ok()?))
}

/// A long text in pieces of at most [`PART`] bytes.
fn parts(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (part, rest) = text.split_at(text.floor_char_boundary(PART));
        text = rest;
        (!part.is_empty()).then_some(part)
    })
}

fn insert_bytes(item: &mut Item, name: &str, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => item.insert(name.to_owned(), text.into()),
        Err(_) => item.insert(format!("{name}Base64"), STANDARD.encode(bytes).into()),
    };
}

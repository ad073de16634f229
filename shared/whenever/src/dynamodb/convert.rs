//! Between items and DynamoDB's attribute values.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};

use crate::item::{Item, PK};

pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn key(pk: &str) -> Attributes {
    HashMap::from([(PK.to_owned(), text(pk.to_owned()))])
}

pub(super) fn text(text: String) -> AttributeValue {
    AttributeValue::S(text)
}

pub(super) fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn attributes(item: &Item) -> Attributes {
    item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(yes) => AttributeValue::Bool(*yes),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(list) => AttributeValue::L(list.iter().map(attribute).collect()),
        Value::Object(map) => AttributeValue::M(attributes(map)),
    }
}

pub(super) fn plain(attributes: Attributes) -> Item {
    attributes.into_iter().map(|(name, value)| (name, value_of(value))).collect()
}

/// Binary values and sets are never written by a commit; read, they become base64 text and lists.
fn value_of(attribute: AttributeValue) -> Value {
    let binary = |blob: Blob| Value::String(STANDARD.encode(blob.into_inner()));
    match attribute {
        AttributeValue::Bool(yes) => Value::Bool(yes),
        AttributeValue::N(text) => text.parse::<Number>().map_or(Value::String(text), Value::Number),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::L(list) => list.into_iter().map(value_of).collect(),
        AttributeValue::M(map) => Value::Object(plain(map)),
        AttributeValue::B(blob) => binary(blob),
        AttributeValue::Bs(blobs) => blobs.into_iter().map(binary).collect(),
        AttributeValue::Ns(texts) | AttributeValue::Ss(texts) => texts.into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_survive_the_way_there_and_back() {
        let item = serde_json::json!({
            "pk": "order#7", "version": 3, "total": 1_000_000_000_000_i64, "share": 0.5, "paid": true, "note": null,
            "items": [{ "productId": "1", "quantity": 2 }], "address": "경기도",
        });
        let Value::Object(item) = item else { unreachable!() };
        assert_eq!(plain(attributes(&item)), item);
    }
}

//! Lists the items of the template's table of dead letters as plain JSON.

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

use super::Api;

/// Every dead letter; none where the template has no table for them.
pub(super) async fn list(api: &Api) -> Result<Vec<Value>, String> {
    let Some(table) = &api.dead_letters else { return Ok(Vec::new()) };
    let pages = api.store.scan().table_name(table).consistent_read(true).into_paginator();
    let items = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    let items = items.map_err(|error| format!("{table} cannot be read: {}", DisplayErrorContext(&error)))?;
    let plain = |item: std::collections::HashMap<String, AttributeValue>| {
        item.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>()
    };
    Ok(items.into_iter().map(|item| Value::Object(plain(item))).collect())
}

/// An attribute without its type.
fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::from(text.as_str()),
        AttributeValue::N(number) => {
            number.parse::<Number>().map_or_else(|_| Value::from(number.as_str()), Value::Number)
        }
        AttributeValue::Bool(flag) => Value::from(*flag),
        AttributeValue::B(bytes) => Value::from(STANDARD.encode(bytes)),
        AttributeValue::L(items) => items.iter().map(plain).collect(),
        AttributeValue::M(fields) => {
            let fields: Map<_, _> = fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
            Value::Object(fields)
        }
        AttributeValue::Ss(items) | AttributeValue::Ns(items) => items.iter().map(String::as_str).collect(),
        AttributeValue::Bs(items) => items.iter().map(|bytes| STANDARD.encode(bytes)).collect(),
        _ => Value::Null,
    }
}

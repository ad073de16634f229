//! Time to live: deletes expired items page by page, so that the work is the same however much is stored, and marks
//! their stream records as DynamoDB does.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use dynoxide::DynoxideError;
use dynoxide::actions::delete_item;
use dynoxide::storage::{Storage, TableMetadata};
use futures_util::FutureExt as _;
use serde_json::{Value, json};

use super::embedded::Shared;

/// Items looked at under one lock.
const PAGE: i64 = 500;
/// Who DynamoDB says deleted an expired item.
const DELETED_BY: &str = r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#;

/// How far a round through the tables has come.
#[derive(Debug, Default)]
pub struct Round {
    /// The last row looked at, by table.
    after: BTreeMap<String, i64>,
}

/// Looks at the next page of every table with a TTL attribute, deletes what has expired and answers how many items that
/// were. After a table's last page comes its first.
pub(super) fn sweep(store: &Shared, round: &mut Round) -> Result<usize, DynoxideError> {
    let mut deleted = 0;
    for table in store.with_storage(Storage::list_ttl_enabled_tables)? {
        let after = round.after.remove(&table.table_name).unwrap_or_default();
        if let Some((last, count)) = store.with_storage(|storage| sweep_page(storage, &table, after))? {
            round.after.insert(table.table_name, last);
            deleted += count;
        }
    }
    Ok(deleted)
}

/// Deletes what has expired in the page after row `after`; the page's last row and the deletions, `None` at the end.
fn sweep_page(storage: &Storage, table: &TableMetadata, after: i64) -> Result<Option<(i64, usize)>, DynoxideError> {
    let (name, attribute) = (quoted(&table.table_name), table.ttl_attribute.as_deref().unwrap_or_default());
    let page_end =
        format!("SELECT max(rowid) FROM (SELECT rowid FROM {name} WHERE rowid > ?1 ORDER BY rowid LIMIT ?2)");
    let last: Option<i64> = storage.conn().prepare_cached(&page_end)?.query_row((after, PAGE), |row| row.get(0))?;
    let Some(last) = last else { return Ok(None) };
    let expired = format!(
        "SELECT item_json FROM {name} WHERE rowid > ?1 AND rowid <= ?2
         AND CAST(json_extract(item_json, '$.' || ?3 || '.N') AS REAL) < ?4"
    );
    let items = storage
        .conn()
        .prepare_cached(&expired)?
        .query_map((after, last, quoted(attribute), now()), |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    for item in &items {
        delete(storage, table, item)?;
    }
    Ok(Some((last, items.len())))
}

fn delete(storage: &Storage, table: &TableMetadata, item: &str) -> Result<(), DynoxideError> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).map_err(internal);
    let (item, schema) = (parse(item)?, parse(&table.key_schema)?);
    let key: serde_json::Map<String, Value> = (schema.as_array().into_iter().flatten())
        .filter_map(|part| part["AttributeName"].as_str())
        .map(|name| (name.to_owned(), item[name].clone()))
        .collect();
    let request = serde_json::from_value(json!({"TableName": table.table_name, "Key": key})).map_err(internal)?;
    delete_item::execute(storage, request).now_or_never().transpose()?;
    storage.conn().execute(
        "UPDATE _stream_records SET user_identity = ?2 WHERE id =
             (SELECT id FROM _stream_records WHERE table_name = ?1 ORDER BY CAST(sequence_number AS INTEGER) DESC LIMIT 1)",
        (&table.table_name, DELETED_BY),
    )?;
    Ok(())
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn internal(error: serde_json::Error) -> DynoxideError {
    DynoxideError::InternalServerError(error.to_string())
}

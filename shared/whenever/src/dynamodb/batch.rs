//! Many items in one call, and what a call leaves over.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{KeysAndAttributes, PutRequest, ReturnConsumedCapacity, WriteRequest};

use super::DynamoStore;
use super::convert::{attributes, key, plain};
use super::errors::{malformed, unavailable};
use crate::Action;
use crate::item::{Item, PK};
use crate::ports::store::{ItemKey, StoreError};

/// How often a batch's leftovers are asked for again, the wait doubling from 20 ms.
const LEFTOVER_ATTEMPTS: u32 = 8;

impl DynamoStore {
    /// Up to 100 items (AWS limit of BatchGetItem).
    pub(super) async fn load_some(&self, keys: &[&ItemKey]) -> Result<HashMap<ItemKey, Item>, StoreError> {
        if let [only] = keys {
            let item = self.load_one(only).await?;
            return Ok(item.into_iter().map(|item| ((*only).clone(), item)).collect());
        }
        let mut wanted: HashMap<String, KeysAndAttributes> = HashMap::new();
        let mut contexts: HashMap<&str, &'static str> = HashMap::new();
        for item in keys {
            let table = self.table(Action::BatchGetItem, item.table)?;
            contexts.insert(table, item.table);
            let entry = wanted
                .remove(table)
                .map_or_else(KeysAndAttributes::builder, |keys| KeysAndAttributes::builder().set_keys(Some(keys.keys)));
            let keys = entry.keys(key(&item.pk)).consistent_read(true).build().map_err(malformed)?;
            wanted.insert(table.to_owned(), keys);
        }
        let mut found = HashMap::with_capacity(keys.len());
        for attempt in 0..LEFTOVER_ATTEMPTS {
            let call = self.client.batch_get_item().set_request_items(Some(wanted));
            let answer = call
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|e| unavailable(&e))?;
            self.counter.read(answer.consumed_capacity());
            for (table, items) in answer.responses.unwrap_or_default() {
                let Some(&context) = contexts.get(table.as_str()) else { continue };
                for item in items {
                    let item = plain(item);
                    let pk = item.get(PK).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
                    found.insert(ItemKey { table: context, pk }, item);
                }
            }
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(leftover_wait(attempt)).await;
        }
        Err(StoreError::Unavailable("BatchGetItem keeps leaving keys unprocessed".to_owned()))
    }

    async fn load_one(&self, item: &ItemKey) -> Result<Option<Item>, StoreError> {
        let table = self.table(Action::GetItem, item.table)?;
        let call = self.client.get_item().table_name(table).set_key(Some(key(&item.pk)));
        let answer = call
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| unavailable(&e))?;
        self.counter.read(answer.consumed_capacity.as_slice());
        Ok(answer.item.map(plain))
    }

    /// Puts up to 25 items (AWS limit of BatchWriteItem), each for itself.
    pub(super) async fn put_some(&self, table: &'static str, items: &[Item]) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder().set_item(Some(attributes(item))).build().map_err(malformed)?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        let mut left = HashMap::from([(self.table(Action::BatchWriteItem, table)?.to_owned(), requests)]);
        for attempt in 0..LEFTOVER_ATTEMPTS {
            let call = self.client.batch_write_item().set_request_items(Some(left));
            let answer = call
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|e| unavailable(&e))?;
            self.counter.write(answer.consumed_capacity());
            left = answer.unprocessed_items.unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(leftover_wait(attempt)).await;
        }
        Err(StoreError::Unavailable("BatchWriteItem keeps leaving items unprocessed".to_owned()))
    }
}

fn leftover_wait(attempt: u32) -> Duration {
    Duration::from_millis(20 << attempt.min(6))
}

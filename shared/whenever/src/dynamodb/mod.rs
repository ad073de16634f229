//! The table store on Amazon DynamoDB, through the AWS SDK.

mod convert;
mod errors;
mod usage;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    KeysAndAttributes, PutRequest, Put as SdkPut, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, WriteRequest,
};

use crate::item::{Item, PK, VERSION};
use crate::lambda::{SettingError, Settings};
use crate::ports::store::{Condition, ItemKey, Page, Put, Query, StoreError, Usage, WriteError};
use crate::ports::{Pending, Store};
use convert::{attributes, key, plain};
use errors::{put_error, transact_error, unavailable};
use usage::Counter;

/// Keys of one BatchGetItem, puts of one BatchWriteItem (AWS limits).
const GET_KEYS: usize = 100;
const BATCH_PUTS: usize = 25;

/// How often a batch's leftovers are asked for again, the wait doubling from 20 ms.
const LEFTOVER_ATTEMPTS: u32 = 8;

/// Where the tables of a deployment are.
#[derive(Debug)]
pub struct DynamoStore {
    client: Client,
    /// From a context's table to its name in this deployment.
    tables: HashMap<String, String>,
    counter: Counter,
}

impl DynamoStore {
    /// A store by the function's environment: `AWS_REGION`, the credentials that Lambda hands out,
    /// `AWS_ENDPOINT_URL_DYNAMODB` for another endpoint than AWS's, and `CONTEXT_TABLE` for each table (`ORDERS_TABLE`).
    ///
    /// # Errors
    ///
    /// [`SettingError`] names the variable that is missing.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let read = |name: &str| settings.read::<String>(name);
        let credentials = Credentials::new(
            read("AWS_ACCESS_KEY_ID")?,
            read("AWS_SECRET_ACCESS_KEY")?,
            settings.get("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(5))
            .build();
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(read("AWS_REGION")?))
            .credentials_provider(credentials)
            .timeout_config(timeouts)
            // Commits repeat with knowledge of what they write; the SDK need only bridge a broken connection.
            .retry_config(RetryConfig::standard().with_max_attempts(2));
        if let Some(endpoint) = settings.get("AWS_ENDPOINT_URL_DYNAMODB") {
            config = config.endpoint_url(endpoint);
        }
        let tables = settings
            .iter()
            .filter_map(|(name, value)| {
                let context = name.strip_suffix("_TABLE")?.to_ascii_lowercase().replace('_', "-");
                Some((context, value.to_owned()))
            })
            .collect();
        Ok(DynamoStore { client: Client::from_conf(config.build()), tables, counter: Counter::default() })
    }

    fn table(&self, context: &str) -> Result<&str, StoreError> {
        self.tables.get(context).map(String::as_str).ok_or_else(|| {
            let variable = context.to_ascii_uppercase().replace('-', "_");
            StoreError::Unavailable(format!("environment variable {variable}_TABLE does not name a table"))
        })
    }

    async fn load_some(&self, keys: &[&ItemKey]) -> Result<HashMap<ItemKey, Item>, StoreError> {
        if let [only] = keys {
            let item = self.load_one(only).await?;
            return Ok(item.into_iter().map(|item| ((*only).clone(), item)).collect());
        }
        let mut wanted: HashMap<String, KeysAndAttributes> = HashMap::new();
        let mut contexts: HashMap<&str, &'static str> = HashMap::new();
        for item in keys {
            let table = self.table(item.table)?;
            contexts.insert(table, item.table);
            let entry = wanted.remove(table).map_or_else(KeysAndAttributes::builder, |keys| {
                KeysAndAttributes::builder().set_keys(Some(keys.keys))
            });
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
        let call = self.client.get_item().table_name(self.table(item.table)?).set_key(Some(key(&item.pk)));
        let answer = call
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| unavailable(&e))?;
        self.counter.read(answer.consumed_capacity.as_slice());
        Ok(answer.item.map(plain))
    }

    async fn put_some(&self, table: &'static str, items: &[Item]) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder().set_item(Some(attributes(item))).build().map_err(malformed)?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        let mut left = HashMap::from([(self.table(table)?.to_owned(), requests)]);
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

impl Store for DynamoStore {
    fn load<'a>(&'a self, keys: &'a [ItemKey]) -> Pending<'a, Result<Vec<Option<Item>>, StoreError>> {
        Box::pin(async move {
            let mut distinct: Vec<&ItemKey> = keys.iter().collect();
            distinct.sort_unstable();
            distinct.dedup();
            let mut found = HashMap::with_capacity(distinct.len());
            for some in distinct.chunks(GET_KEYS) {
                found.extend(self.load_some(some).await?);
            }
            Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
        })
    }

    fn put(&self, put: Put) -> Pending<'_, Result<(), WriteError>> {
        Box::pin(async move {
            let table = self.table(put.table).map_err(WriteError::Failed)?;
            let mut call = self
                .client
                .put_item()
                .table_name(table)
                .set_item(Some(attributes(&put.item)))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            if let Some(condition) = Expression::of(put.when) {
                call = call
                    .condition_expression(condition.text)
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(condition.values());
            }
            let answer = call.send().await.map_err(put_error)?;
            self.counter.write(answer.consumed_capacity.as_slice());
            Ok(())
        })
    }

    fn transact(&self, puts: Vec<Put>) -> Pending<'_, Result<(), WriteError>> {
        Box::pin(async move {
            let mut items = Vec::with_capacity(puts.len());
            for put in puts {
                let mut builder = SdkPut::builder()
                    .table_name(self.table(put.table).map_err(WriteError::Failed)?)
                    .set_item(Some(attributes(&put.item)))
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
                if let Some(condition) = Expression::of(put.when) {
                    builder = builder
                        .condition_expression(condition.text)
                        .set_expression_attribute_names(condition.names())
                        .set_expression_attribute_values(condition.values());
                }
                let put = builder.build().map_err(|e| WriteError::Failed(malformed(e)))?;
                items.push(TransactWriteItem::builder().put(put).build());
            }
            let call = self.client.transact_write_items().set_transact_items(Some(items));
            let answer = call
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(transact_error)?;
            self.counter.transaction(answer.consumed_capacity());
            Ok(())
        })
    }

    fn put_all(&self, table: &'static str, items: Vec<Item>) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move {
            for some in items.chunks(BATCH_PUTS) {
                self.put_some(table, some).await?;
            }
            Ok(())
        })
    }

    fn query(&self, query: Query) -> Pending<'_, Result<Page, StoreError>> {
        Box::pin(async move {
            if query.partition.is_some() { self.query_partition(query).await } else { self.scan(query).await }
        })
    }

    fn usage(&self) -> Usage {
        self.counter.total()
    }
}

impl DynamoStore {
    async fn query_partition(&self, query: Query) -> Result<Page, StoreError> {
        let mut call = self
            .client
            .query()
            .table_name(self.table(query.table)?)
            .set_index_name(query.index.map(str::to_owned))
            .consistent_read(query.consistent)
            .scan_index_forward(!query.descending)
            .set_limit(query.limit.and_then(|limit| i32::try_from(limit).ok()))
            .set_exclusive_start_key(query.start.as_ref().map(attributes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut condition = String::new();
        if let Some((name, value)) = query.partition {
            condition.push_str("#partition = :partition");
            call = call
                .expression_attribute_names("#partition", name)
                .expression_attribute_values(":partition", convert::text(value));
        }
        if let Some((name, value)) = query.before {
            condition.push_str(" AND #sort < :before");
            call = call
                .expression_attribute_names("#sort", name)
                .expression_attribute_values(":before", convert::text(value));
        }
        let answer = call.key_condition_expression(condition).send().await.map_err(|e| unavailable(&e))?;
        self.counter.read(answer.consumed_capacity.as_slice());
        Ok(page(answer.items, answer.last_evaluated_key))
    }

    async fn scan(&self, query: Query) -> Result<Page, StoreError> {
        let mut call = self
            .client
            .scan()
            .table_name(self.table(query.table)?)
            .set_index_name(query.index.map(str::to_owned))
            .consistent_read(query.consistent)
            .set_limit(query.limit.and_then(|limit| i32::try_from(limit).ok()))
            .set_exclusive_start_key(query.start.as_ref().map(attributes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(kind) = query.kind {
            call = call
                .filter_expression("begins_with(#pk, :kind)")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_values(":kind", convert::text(format!("{kind}#")));
        }
        let answer = call.send().await.map_err(|e| unavailable(&e))?;
        self.counter.read(answer.consumed_capacity.as_slice());
        Ok(page(answer.items, answer.last_evaluated_key))
    }
}

fn page(
    items: Option<Vec<convert::Attributes>>,
    next: Option<convert::Attributes>,
) -> Page {
    Page { items: items.unwrap_or_default().into_iter().map(plain).collect(), next: next.map(plain) }
}

/// A put's condition in DynamoDB's words.
struct Expression {
    text: &'static str,
    name: &'static str,
    version: Option<u64>,
}

impl Expression {
    fn of(condition: Condition) -> Option<Self> {
        match condition {
            Condition::Any => None,
            Condition::Absent => Some(Expression { text: "attribute_not_exists(#name)", name: PK, version: None }),
            Condition::Version(version) => {
                Some(Expression { text: "#name = :version", name: VERSION, version: Some(version) })
            }
        }
    }

    fn names(&self) -> Option<HashMap<String, String>> {
        Some(HashMap::from([("#name".to_owned(), self.name.to_owned())]))
    }

    fn values(&self) -> Option<convert::Attributes> {
        self.version.map(|version| HashMap::from([(":version".to_owned(), convert::number(version))]))
    }
}

fn leftover_wait(attempt: u32) -> Duration {
    Duration::from_millis(20 << attempt.min(6))
}

fn malformed(e: BuildError) -> StoreError {
    StoreError::Rejected(e.to_string())
}

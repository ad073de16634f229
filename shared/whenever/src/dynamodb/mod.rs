//! The table store on Amazon DynamoDB, through the AWS SDK.

mod batch;
mod change;
mod condition;
mod convert;
mod errors;
mod probe;
mod query;
mod usage;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use futures_util::future::try_join_all;

use crate::aws;
use crate::item::Item;
use crate::needs::table_variable;
use crate::ports::store::{ItemKey, Page, Put, Query, StoreError, Usage, WriteError};
use crate::ports::{Pending, Store};
use crate::{Action, Needs, Place, SettingError, Settings};
pub(crate) use change::Change;
use condition::Expression;
use convert::attributes;
use errors::{put_error, transact_error};
use usage::Counter;

/// Keys of one BatchGetItem, puts of one BatchWriteItem (AWS limits).
const GET_KEYS: usize = 100;
const BATCH_PUTS: usize = 25;

/// Where the tables of a deployment are.
#[derive(Debug)]
pub struct DynamoStore {
    client: Client,
    /// From a context's table to its name in this deployment.
    tables: HashMap<String, String>,
    counter: Counter,
    /// What may be asked of it; `None`: anything.
    needs: Option<Needs>,
}

impl DynamoStore {
    /// A store by the function's environment: `AWS_REGION`, the credentials that Lambda hands out,
    /// `AWS_ENDPOINT_URL_DYNAMODB` for another endpoint than AWS's, and `CONTEXT_TABLE` for each table (`ORDERS_TABLE`).
    ///
    /// # Errors
    ///
    /// [`SettingError`] names the variable that is missing.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(5))
            .build();
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(aws::region(settings)?))
            .credentials_provider(aws::credentials(settings)?)
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
        Ok(DynamoStore { client: Client::from_conf(config.build()), tables, counter: Counter::default(), needs: None })
    }

    /// The same store for a function that needs this and nothing else: any other call is rejected, whatever its role allows.
    ///
    /// # Errors
    ///
    /// [`SettingError`] names the variables that are missing, of the tables that are needed.
    pub fn limited_to(self, needs: Needs) -> Result<Self, SettingError> {
        let unknown = |place: Place| !self.tables.contains_key(place.table);
        let mut missing: Vec<String> = needs
            .places()
            .map(|(place, _)| place)
            .filter(|place| unknown(*place))
            .map(|place| table_variable(place.table))
            .collect();
        missing.dedup();
        if missing.is_empty() {
            Ok(DynamoStore { needs: Some(needs), ..self })
        } else {
            Err(SettingError::new(&missing.join(", "), "does not name a table"))
        }
    }

    /// The deployment's name of a table that is about to be called.
    fn table(&self, action: Action, table: &'static str) -> Result<&str, StoreError> {
        self.place(action, Place { table, index: None })
    }

    fn place(&self, action: Action, place: Place) -> Result<&str, StoreError> {
        if let Some(needs) = &self.needs {
            needs.allow(action, place)?;
        }
        self.deployed(place.table)
    }

    /// The deployment's name of a table, whoever asks.
    fn deployed(&self, table: &'static str) -> Result<&str, StoreError> {
        self.tables.get(table).map(String::as_str).ok_or_else(|| {
            StoreError::Unavailable(format!("environment variable {} does not name a table", table_variable(table)))
        })
    }
}

impl Store for DynamoStore {
    fn load<'a>(&'a self, keys: &'a [ItemKey]) -> Pending<'a, Result<Vec<Option<Item>>, StoreError>> {
        Box::pin(async move {
            let mut distinct: Vec<&ItemKey> = keys.iter().collect();
            distinct.sort_unstable();
            distinct.dedup();
            let mut found = HashMap::with_capacity(distinct.len());
            for some in try_join_all(distinct.chunks(GET_KEYS).map(|some| self.load_some(some))).await? {
                found.extend(some);
            }
            Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
        })
    }

    fn put(&self, put: Put) -> Pending<'_, Result<(), WriteError>> {
        Box::pin(async move {
            let table = self.table(Action::PutItem, put.table).map_err(WriteError::Failed)?;
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
                let put = self.transact_put(put).map_err(WriteError::Failed)?;
                items.push(TransactWriteItem::builder().put(put).build());
            }
            let call = self.client.transact_write_items().set_transact_items(Some(items));
            let answer =
                call.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.map_err(transact_error)?;
            self.counter.transaction(answer.consumed_capacity());
            Ok(())
        })
    }

    fn put_all(&self, table: &'static str, items: Vec<Item>) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move {
            try_join_all(items.chunks(BATCH_PUTS).map(|some| self.put_some(table, some))).await?;
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

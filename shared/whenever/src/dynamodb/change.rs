//! What operators' tools need beyond what functions do: whole keys, deletions, checks of other items.

use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put as SdkPut, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use super::DynamoStore;
use super::condition::Expression;
use super::convert::{Attributes, attributes, key, plain, text};
use super::errors::{malformed, transact_error, unavailable};
use crate::Action;
use crate::item::{Item, SK};
use crate::ports::store::{Put, StoreError, WriteError};

/// One of several changes that are made together or not at all.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// The item goes if it has this version.
    Delete(FullKey, u64),
    /// The item stays as it is: it has this version, or is just there.
    Check(FullKey, Option<u64>),
    /// As any put.
    Put(Put),
}

/// An item of a table with a sort key.
#[derive(Debug, Clone)]
pub(crate) struct FullKey {
    table: &'static str,
    key: Attributes,
}

impl FullKey {
    fn new(table: &'static str, pk: &str, sk: &str) -> Self {
        let mut key = key(pk);
        key.insert(SK.to_owned(), text(sk.to_owned()));
        FullKey { table, key }
    }
}

impl Change {
    pub(crate) fn delete(table: &'static str, pk: &str, sk: &str, version: u64) -> Self {
        Change::Delete(FullKey::new(table, pk, sk), version)
    }

    pub(crate) fn check(table: &'static str, pk: &str, sk: &str, version: Option<u64>) -> Self {
        Change::Check(FullKey::new(table, pk, sk), version)
    }
}

impl DynamoStore {
    /// The names of all tables that there are.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub async fn names(&self) -> Result<Vec<String>, StoreError> {
        let pages = self.client.list_tables().into_paginator().items().send();
        pages.collect::<Result<_, _>>().await.map_err(|e| unavailable(&e))
    }

    /// One item, strongly consistent.
    pub(crate) async fn item(&self, table: &'static str, pk: &str, sk: &str) -> Result<Option<Item>, StoreError> {
        let FullKey { table, key } = FullKey::new(table, pk, sk);
        let call = self.client.get_item().table_name(self.deployed(table)?).set_key(Some(key)).consistent_read(true);
        let answer = call.send().await.map_err(|e| unavailable(&e))?;
        Ok(answer.item.map(plain))
    }

    /// Deletes an item, whatever it is.
    pub(crate) async fn delete(&self, table: &'static str, pk: &str, sk: &str) -> Result<(), StoreError> {
        let FullKey { table, key } = FullKey::new(table, pk, sk);
        let call = self.client.delete_item().table_name(self.deployed(table)?).set_key(Some(key));
        call.send().await.map(drop).map_err(|e| unavailable(&e))
    }

    /// All of these changes, or none.
    pub(crate) async fn change(&self, changes: Vec<Change>) -> Result<(), WriteError> {
        let mut items = Vec::with_capacity(changes.len());
        for change in changes {
            items.push(self.transact_item(change).map_err(WriteError::Failed)?);
        }
        let call = self.client.transact_write_items().set_transact_items(Some(items));
        call.send().await.map(drop).map_err(transact_error)
    }

    fn transact_item(&self, change: Change) -> Result<TransactWriteItem, StoreError> {
        let item = TransactWriteItem::builder();
        Ok(match change {
            Change::Delete(key, version) => {
                let condition = Expression::version(version);
                let delete = Delete::builder()
                    .table_name(self.deployed(key.table)?)
                    .set_key(Some(key.key))
                    .condition_expression(condition.text)
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(condition.values());
                item.delete(delete.build().map_err(malformed)?).build()
            }
            Change::Check(key, version) => {
                let condition = version.map_or_else(Expression::present, Expression::version);
                let check = ConditionCheck::builder()
                    .table_name(self.deployed(key.table)?)
                    .set_key(Some(key.key))
                    .condition_expression(condition.text)
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(condition.values());
                item.condition_check(check.build().map_err(malformed)?).build()
            }
            Change::Put(put) => item.put(self.transact_put(put)?).build(),
        })
    }

    /// A put as part of a transaction; a condition that fails brings the item.
    pub(super) fn transact_put(&self, put: Put) -> Result<SdkPut, StoreError> {
        let mut builder = SdkPut::builder()
            .table_name(self.table(Action::PutItem, put.table)?)
            .set_item(Some(attributes(&put.item)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some(condition) = Expression::of(put.when) {
            builder = builder
                .condition_expression(condition.text)
                .set_expression_attribute_names(condition.names())
                .set_expression_attribute_values(condition.values());
        }
        builder.build().map_err(malformed)
    }
}

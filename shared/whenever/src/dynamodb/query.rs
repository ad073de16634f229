//! Pages of indexes and tables.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use super::DynamoStore;
use super::convert::{self, attributes, plain};
use super::errors::unavailable;
use crate::item::PK;
use crate::ports::store::{Page, Query, StoreError};
use crate::{Action, Place};

impl DynamoStore {
    pub(super) async fn query_partition(&self, query: Query) -> Result<Page, StoreError> {
        let mut call = self
            .client
            .query()
            .table_name(self.place(Action::Query, Place { table: query.table, index: query.index })?)
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

    pub(super) async fn scan(&self, query: Query) -> Result<Page, StoreError> {
        let mut call = self
            .client
            .scan()
            .table_name(self.place(Action::Scan, Place { table: query.table, index: query.index })?)
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

fn page(items: Option<Vec<convert::Attributes>>, next: Option<convert::Attributes>) -> Page {
    Page { items: items.unwrap_or_default().into_iter().map(plain).collect(), next: next.map(plain) }
}

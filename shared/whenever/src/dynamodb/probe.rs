//! The first call to each table: whether it is there, and whether the function may do with it what it needs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use futures_util::future::try_join_all;

use super::DynamoStore;
use super::convert::{self, Attributes};
use crate::item::{PK, SK};
use crate::needs::table_variable;
use crate::{Action, Needs, SettingError};

/// The key that is asked for. Nothing is ever written under it.
const NOBODY: &str = "whenever#probe";

/// What is tried, the cheapest first: half a read unit, or a write unit that changes nothing.
const CHEAPEST: [Action; 4] = [Action::GetItem, Action::Query, Action::PutItem, Action::BatchWriteItem];

impl DynamoStore {
    /// Calls each table of `needs` once, all at a time, which also opens the connections that the first invocation uses. What may pass
    /// by itself, such as an endpoint that cannot be reached, is no error.
    ///
    /// # Errors
    ///
    /// [`SettingError`] names the variable of a table that does not exist, has other keys, or may not be used.
    pub async fn probe(&self, needs: &Needs) -> Result<(), SettingError> {
        let mut tables: BTreeMap<&'static str, &BTreeSet<Action>> = BTreeMap::new();
        for (place, actions) in needs.places().filter(|(place, _)| place.index.is_none()) {
            tables.insert(place.table, actions);
        }
        try_join_all(tables.into_iter().map(|(table, actions)| self.probe_table(table, actions))).await.map(drop)
    }

    async fn probe_table(&self, table: &'static str, actions: &BTreeSet<Action>) -> Result<(), SettingError> {
        let Some(name) = self.tables.get(table) else { return Ok(()) };
        let action = CHEAPEST.into_iter().find(|action| actions.contains(action));
        let refusal = match action {
            Some(Action::GetItem) => {
                refusal(self.client.get_item().table_name(name).set_key(Some(convert::key(NOBODY))).send().await)
            }
            Some(Action::Query) => {
                let query = self.client.query().table_name(name).limit(1).key_condition_expression("#pk = :nobody");
                let query = query.expression_attribute_names("#pk", PK);
                refusal(query.expression_attribute_values(":nobody", convert::text(NOBODY.to_owned())).send().await)
            }
            Some(Action::PutItem) => {
                let put = self.client.put_item().table_name(name).set_item(Some(nobody()));
                // Never holds, so that nothing is ever put.
                let put = put.condition_expression("attribute_exists(#pk) AND attribute_not_exists(#pk)");
                refusal(put.expression_attribute_names("#pk", PK).send().await)
            }
            Some(Action::BatchWriteItem) => {
                let delete = DeleteRequest::builder().set_key(Some(nobody())).build().ok();
                let write = WriteRequest::builder().set_delete_request(delete).build();
                let batch = self
                    .client
                    .batch_write_item()
                    .set_request_items(Some(HashMap::from([(name.clone(), vec![write])])));
                refusal(batch.send().await)
            }
            _ => None,
        };
        refusal.map_or(Ok(()), |why| {
            Err(SettingError::new(&table_variable(table), &format!("names the table {name}: {why}")))
        })
    }
}

/// The whole key of tables with a sort key: those of read models, and the dead letters.
fn nobody() -> Attributes {
    HashMap::from([PK, SK].map(|name| (name.to_owned(), convert::text(NOBODY.to_owned()))))
}

/// Why a call will not succeed by itself.
fn refusal<T, E: ProvideErrorMetadata, R>(answer: Result<T, SdkError<E, R>>) -> Option<String> {
    let error = answer.err()?;
    let said = error.message().unwrap_or("no reason given");
    match error.code()? {
        "ResourceNotFoundException" => Some("there is no such table".to_owned()),
        "ValidationException" => Some(format!("it is not a table of ours ({said})")),
        code @ ("AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "ExpiredTokenException") => Some(format!("it may not be used ({code}: {said})")),
        _ => None,
    }
}

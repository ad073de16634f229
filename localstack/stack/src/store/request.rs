//! What a request to the table store asks to be done, and to which tables.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::roles::Permission;
use crate::template::arn;

/// What a request says about tables; all else is left unread.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    table_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    index_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    request_items: Option<HashMap<Cow<'a, str>, IgnoredAny>>,
    #[serde(borrow)]
    transact_items: Option<Vec<HashMap<Cow<'a, str>, Target<'a>>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target<'a> {
    #[serde(borrow)]
    table_name: Cow<'a, str>,
}

impl Request<'_> {
    /// What it takes to be allowed to make it. What asks for no table, such as a stream's records, is not guarded.
    pub(super) fn wants(&self, operation: &str) -> BTreeSet<Permission> {
        let need = |action: &str, resource: String| Permission { action: format!("dynamodb:{action}"), resource };
        let mut wanted = BTreeSet::new();
        if let Some(table) = &self.table_name {
            let table = table_arn(table);
            let index = self.index_name.as_ref().map(|index| format!("{table}/index/{index}"));
            wanted.insert(need(operation, index.unwrap_or(table)));
        }
        let tables = self.request_items.iter().flat_map(HashMap::keys);
        wanted.extend(tables.map(|table| need(operation, table_arn(table))));
        for (kind, target) in self.transact_items.iter().flatten().flatten() {
            // A transaction has no action of its own: each of its parts needs that of the call it stands for.
            if let Some((_, action)) = PARTS.iter().find(|(part, _)| part == kind) {
                wanted.insert(need(action, table_arn(&target.table_name)));
            }
        }
        wanted
    }
}

/// Parts of transactions, with the actions that they need.
const PARTS: [(&str, &str); 5] = [
    ("ConditionCheck", "ConditionCheckItem"),
    ("Delete", "DeleteItem"),
    ("Get", "GetItem"),
    ("Put", "PutItem"),
    ("Update", "UpdateItem"),
];

/// Calls may name a table by its ARN.
fn table_arn(table: &str) -> String {
    if table.starts_with("arn:") { table.to_owned() } else { arn::table(table) }
}

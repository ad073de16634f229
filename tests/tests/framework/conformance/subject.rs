//! The store under test: two tables of its own, reached as functions reach theirs.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use localstack::{Say, provision, store, template};
use serde_json::{Value, json};
use whenever::item::Item;
use whenever::ports::store::{Condition, ItemKey, Put, StoreError, WriteError};
use whenever::ports::{Clock as _, Store as _};
use whenever::{DynamoStore, Settings, SystemClock};

/// A table with a sparse index, a stream and a time to live, keyed by `pk`.
pub(super) const THINGS: &str = "things";
/// A table keyed by `pk` and `sk`.
pub(super) const ROWS: &str = "rows";

/// A table that is not there.
pub(super) const GONE: &str = "gone";

/// The store under test.
pub(super) struct Subject {
    pub(super) store: DynamoStore,
    pub(super) tables: aws_sdk_dynamodb::Client,
    pub(super) streams: aws_sdk_dynamodbstreams::Client,
    pub(super) wanted: [template::Table; 2],
    /// What no other run is called.
    pub(super) run: String,
    endpoint: String,
    next: AtomicU64,
}

impl Subject {
    /// Creates the tables, under names that no other run has.
    pub(super) async fn at(endpoint: &str) -> Self {
        let run = format!("{}-{}", SystemClock.now().millis(), std::process::id());
        let wanted = [things(&format!("conformance-{run}-things")), rows(&format!("conformance-{run}-rows"))];
        let variable = |name: &str, stand_in: &str| std::env::var(name).unwrap_or_else(|_| stand_in.to_owned());
        let settings: Settings = [
            ("AWS_REGION", variable("AWS_REGION", "us-east-1")),
            ("AWS_ACCESS_KEY_ID", variable("AWS_ACCESS_KEY_ID", "local")),
            ("AWS_SECRET_ACCESS_KEY", variable("AWS_SECRET_ACCESS_KEY", "local")),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.to_owned()),
            ("THINGS_TABLE", wanted[0].name.clone()),
            ("ROWS_TABLE", wanted[1].name.clone()),
            ("GONE_TABLE", format!("conformance-{run}-gone")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect();
        let subject = Subject {
            store: DynamoStore::from_settings(&settings).unwrap(),
            tables: store::dynamodb(endpoint),
            streams: store::streams(endpoint),
            wanted,
            run,
            endpoint: endpoint.to_owned(),
            next: AtomicU64::new(1),
        };
        subject.provide().await.unwrap();
        subject
    }

    /// Creates the tables that are not there.
    pub(super) async fn provide(&self) -> Result<(), String> {
        let say: Say = Arc::new(|_| {});
        provision::tables(&self.endpoint, &self.wanted, &say).await.map_err(|error| error.to_string())
    }

    /// Deletes the tables.
    pub(super) async fn leave(self) {
        for table in &self.wanted {
            self.tables.delete_table().table_name(&table.name).send().await.unwrap();
        }
    }

    /// A partition key that no other check has.
    pub(super) fn key(&self) -> String {
        format!("thing#{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// So many keys.
    pub(super) fn keys(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.key()).collect()
    }

    /// What is under a key.
    pub(super) async fn load(&self, pk: &str) -> Result<Option<Item>, String> {
        Ok(self.load_all(&[pk.to_owned()]).await?.remove(0))
    }

    /// What is under each key.
    pub(super) async fn load_all(&self, pks: &[String]) -> Result<Vec<Option<Item>>, String> {
        let keys: Vec<_> = pks.iter().map(|pk| ItemKey { table: THINGS, pk: pk.clone() }).collect();
        self.store.load(&keys).await.map_err(said)
    }

    /// The version under each key; 0 where there is nothing.
    pub(super) async fn versions(&self, pks: &[String]) -> Result<Vec<u64>, String> {
        let version = |item: Option<Item>| item.and_then(|item| item["version"].as_u64()).unwrap_or(0);
        Ok(self.load_all(pks).await?.into_iter().map(version).collect())
    }

    /// A write that has to succeed.
    pub(super) async fn put(&self, put: Put) -> Result<(), String> {
        self.store.put(put).await.map_err(|error| format!("a write that should succeed: {error:?}"))
    }
}

/// An item of the table of things.
pub(super) fn thing(pk: &str, version: u64) -> Item {
    with(pk, version, json!({}))
}

/// An item of the table of things with more to it.
pub(super) fn with(pk: &str, version: u64, more: Value) -> Item {
    let mut item = more.as_object().cloned().unwrap_or_default();
    item.insert("pk".to_owned(), pk.into());
    item.insert("version".to_owned(), version.into());
    item
}

/// The first write of an item.
pub(super) fn first(pk: &str) -> Put {
    Put { table: THINGS, item: thing(pk, 1), when: Condition::Absent }
}

/// The write that makes a version of the one before it.
pub(super) fn next(pk: &str, version: u64) -> Put {
    Put { table: THINGS, item: thing(pk, version), when: Condition::Version(version - 1) }
}

/// The items that failed conditions brought; any other answer is a difference.
pub(super) fn failed(answer: Result<(), WriteError>) -> Result<Vec<Option<Option<Item>>>, String> {
    match answer {
        Err(WriteError::Condition(items)) => Ok(items),
        other => Err(format!("{other:?} in place of a failed condition")),
    }
}

/// Whether a call was refused for good.
pub(super) fn rejected(answer: Result<(), WriteError>) -> Result<(), String> {
    match answer {
        Err(WriteError::Failed(StoreError::Rejected(_))) => Ok(()),
        other => Err(format!("{other:?} in place of a refusal")),
    }
}

pub(super) fn said(error: impl Debug) -> String {
    format!("{error:?}")
}

fn text(name: &str) -> (String, String) {
    (name.to_owned(), "S".to_owned())
}

fn things(name: &str) -> template::Table {
    template::Table {
        attributes: vec![text("pk"), text("dueShard"), text("dueAt")],
        key: vec!["pk".to_owned()],
        indexes: vec![template::Index {
            name: whenever::DUE_INDEX.to_owned(),
            key: vec!["dueShard".to_owned(), "dueAt".to_owned()],
            projection: "KEYS_ONLY".to_owned(),
            include: Vec::new(),
        }],
        stream: Some("NEW_IMAGE".to_owned()),
        ttl: Some("expiresAt".to_owned()),
        ..rows(name)
    }
}

fn rows(name: &str) -> template::Table {
    template::Table {
        name: name.to_owned(),
        logical_id: name.to_owned(),
        attributes: vec![text("pk"), text("sk")],
        key: vec!["pk".to_owned(), "sk".to_owned()],
        indexes: Vec::new(),
        stream: None,
        ttl: None,
        backed_up: false,
    }
}

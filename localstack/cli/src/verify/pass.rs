//! One look at all tables.

use std::collections::HashMap;

use serde_json::Value;
use shop::invariants::{Snapshot, TABLES, Violation};
use whenever::item::{PK, VERSION};
use whenever::ports::Store as _;
use whenever::ports::store::Query;
use whenever::{DynamoStore, Timestamp};

/// What one look found.
pub(super) struct Pass {
    /// How many items there are.
    pub(super) items: usize,
    /// What does not agree at this moment, and in which versions of its items.
    pub(super) found: Vec<(Violation, Vec<Option<u64>>)>,
}

impl Pass {
    /// Reads everything, strongly consistent.
    pub(super) async fn read(store: &DynamoStore, due: Timestamp) -> Result<Self, String> {
        let mut snapshot = Snapshot::default();
        let mut versions: HashMap<String, u64> = HashMap::new();
        let mut found = Vec::new();
        let mut items = 0;
        for table in TABLES {
            let mut query = Query { table, consistent: true, ..Query::default() };
            loop {
                let page = store.query(query.clone()).await.map_err(|e| e.to_string())?;
                items += page.items.len();
                for item in page.items {
                    let pk = item.get(PK).and_then(Value::as_str).unwrap_or_default().to_owned();
                    versions.insert(pk, item.get(VERSION).and_then(Value::as_u64).unwrap_or(0));
                    if let Err(damage) = snapshot.add(&item) {
                        found.push(Violation { says: damage.to_string(), items: vec![damage.pk] });
                    }
                }
                match page.next {
                    Some(next) => query.start = Some(next),
                    None => break,
                }
            }
        }
        found.extend(snapshot.suspects(due));
        let version = |violation: &Violation| violation.items.iter().map(|pk| versions.get(pk).copied()).collect();
        let found = found.into_iter().map(|violation| (version(&violation), violation));
        Ok(Pass { items, found: found.map(|(versions, violation)| (violation, versions)).collect() })
    }
}

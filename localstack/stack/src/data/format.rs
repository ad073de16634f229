//! What a data folder says about itself: its format's number, and which tables and topics are in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::DataError;
use crate::template::{Index, Table, Template};

/// The format that this version reads and writes.
pub(super) const FORMAT: u64 = 1;

/// What a data folder is used with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Format {
    format: u64,
    tables: Vec<Table>,
    /// The partitions of each topic.
    topics: BTreeMap<String, i32>,
}

/// All that every version can read.
#[derive(Deserialize)]
struct AnyFormat {
    format: u64,
}

impl Format {
    /// What this template needs.
    pub(super) fn of(template: &Template) -> Self {
        let topics = template.topics.iter().map(|topic| (topic.name.clone(), topic.partitions)).collect();
        Self { format: FORMAT, tables: template.tables.clone(), topics }
    }

    /// Reads the file of a folder.
    pub(super) fn read(bytes: &[u8], folder: &Path, file: &Path) -> Result<Self, DataError> {
        let damaged = |error: serde_json::Error| DataError::Damaged { file: file.to_owned(), what: error.to_string() };
        let AnyFormat { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format != FORMAT {
            return Err(DataError::OtherFormat { folder: folder.to_owned(), found: format });
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// This and what is new in `now`; else what `now` wants otherwise.
    pub(super) fn with(mut self, now: Self) -> Result<Self, String> {
        for table in now.tables {
            match self.tables.iter().find(|known| known.name == table.name) {
                Some(known) => fits(known, &table)?,
                None => self.tables.push(table),
            }
        }
        for (topic, partitions) in now.topics {
            let before = self.topics.entry(topic.clone()).or_insert(partitions);
            if *before > partitions {
                return Err(format!("topic {topic} has {before} partitions there, {partitions} in the template"));
            }
            *before = partitions;
        }
        Ok(self)
    }
}

/// A table is kept as it was made: the store changes none of this afterwards.
fn fits(known: &Table, wanted: &Table) -> Result<(), String> {
    let other = |what: &str| Err(format!("table {} has {what} there than in the template", known.name));
    // Only the keys' own types matter, in whatever order they are written down.
    let types = |table: &Table| table.attributes.iter().cloned().collect::<BTreeMap<_, _>>();
    let indexes = |table: &Table| -> BTreeMap<String, Index> {
        table.indexes.iter().map(|index| (index.name.clone(), index.clone())).collect()
    };
    if known.key != wanted.key || types(known) != types(wanted) {
        return other("another key or other types of its keys' attributes");
    }
    if indexes(known) != indexes(wanted) {
        return other("other indexes");
    }
    if known.stream != wanted.stream {
        return other("another stream");
    }
    if known.ttl != wanted.ttl {
        return other("another time to live");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Topic;

    fn format(key: &str, partitions: i32) -> Format {
        let table = Table {
            name: "orders".into(),
            logical_id: "Orders".into(),
            attributes: vec![(key.into(), "S".into())],
            key: vec![key.into()],
            indexes: Vec::new(),
            stream: None,
            ttl: None,
            backed_up: false,
        };
        let topics = vec![Topic { name: "events".into(), partitions }];
        Format::of(&Template { tables: vec![table], topics, ..Template::default() })
    }

    #[test]
    fn what_is_new_is_added_and_what_is_gone_stays() {
        let mut other = format("id", 3);
        other.tables[0].name = "more".into();
        let both = format("id", 2).with(other.clone()).unwrap();
        assert_eq!((both.tables.len(), both.topics["events"]), (2, 3));
        assert_eq!(both.clone().with(other).unwrap(), both);
    }

    #[test]
    fn other_keys_and_fewer_partitions_are_refused() {
        let refused = |now| format("id", 2).with(now).unwrap_err();
        assert!(refused(format("pk", 2)).contains("table orders has another key"));
        assert!(refused(format("id", 1)).contains("topic events has 2 partitions there, 1 in the template"));
        for change in [
            |table: &mut Table| table.stream = Some("NEW_IMAGE".into()),
            |table: &mut Table| {
                table.ttl = Some("expires".into());
            },
        ] {
            let mut now = format("id", 2);
            change(&mut now.tables[0]);
            assert!(refused(now).contains("table orders has another"));
        }
    }
}

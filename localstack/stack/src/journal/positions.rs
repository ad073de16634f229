//! How far each trigger is: saved a few times a second, and known again at the next start.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::store::{Embedded, StoreError};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS _positions (reader TEXT NOT NULL, origin TEXT NOT NULL,
        source INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (reader, origin, source)) WITHOUT ROWID";

/// A trigger as its positions are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reader {
    /// The consumer group, or the function that reads a stream.
    pub(crate) reader: String,
    /// `topic NAME` or `stream TABLE`.
    pub(crate) origin: String,
}

impl Reader {
    /// A consumer group on a topic.
    pub(crate) fn of_topic(group: &str, topic: &str) -> Self {
        Self { reader: group.to_owned(), origin: format!("topic {topic}") }
    }

    /// A function on a table's stream.
    pub(crate) fn of_stream(function: &str, table: &str) -> Self {
        Self { reader: function.to_owned(), origin: stream(table) }
    }

    /// Whether it reads this table's stream.
    pub(crate) fn reads_stream(&self, table: &str) -> bool {
        self.origin == stream(table)
    }
}

fn stream(table: &str) -> String {
    format!("stream {table}")
}

/// Per partition or shard, the position below which everything is done.
type Next = BTreeMap<u32, i64>;

/// The positions of all triggers, as they are in the file.
#[derive(Clone)]
pub(crate) struct Saved {
    store: Embedded,
    positions: BTreeMap<Reader, Next>,
}

impl Saved {
    /// Reads the positions that this store's file holds.
    pub(crate) fn open(store: Embedded) -> Result<Self, StoreError> {
        let positions = store.with_file("reading positions", |file| {
            file.execute_batch(TABLE)?;
            load(file)
        })?;
        Ok(Self { store, positions })
    }

    /// A trigger's positions; none where it is new.
    pub(crate) fn of(&self, reader: &Reader) -> Next {
        self.positions.get(reader).cloned().unwrap_or_default()
    }

    /// Saves what has changed of the positions of all triggers that there are. Triggers that there are no more are forgotten, so
    /// that nothing is kept for them. Answers whether there was anything to save.
    pub(crate) fn save(&mut self, current: BTreeMap<Reader, Next>) -> Result<bool, StoreError> {
        if current == self.positions {
            return Ok(false);
        }
        self.store.with_file("saving positions", |file| {
            let mut put = file.prepare_cached("INSERT OR REPLACE INTO _positions VALUES (?1, ?2, ?3, ?4)")?;
            for (Reader { reader, origin }, next) in &current {
                let before = self.positions.get(&Reader { reader: reader.clone(), origin: origin.clone() });
                let moved = |(source, next): &(&u32, &i64)| before.and_then(|known| known.get(*source)) != Some(*next);
                for (source, next) in next.iter().filter(moved) {
                    put.execute((reader, origin, source, next))?;
                }
            }
            let mut forget = file.prepare_cached("DELETE FROM _positions WHERE reader = ?1 AND origin = ?2")?;
            for Reader { reader, origin } in self.positions.keys().filter(|known| !current.contains_key(known)) {
                forget.execute((reader, origin))?;
            }
            Ok(())
        })?;
        self.positions = current;
        Ok(true)
    }
}

fn load(file: &Connection) -> rusqlite::Result<BTreeMap<Reader, Next>> {
    let mut positions: BTreeMap<Reader, Next> = BTreeMap::new();
    let mut query = file.prepare("SELECT reader, origin, source, next FROM _positions")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let reader = Reader { reader: row.get(0)?, origin: row.get(1)? };
        positions.entry(reader).or_default().insert(row.get(2)?, row.get(3)?);
    }
    Ok(positions)
}

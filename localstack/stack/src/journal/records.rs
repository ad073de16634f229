//! The journal's records in the file.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};

use super::Partition;

/// `number` is the order in which records were read, over all topics.
const TABLES: &str = "CREATE TABLE IF NOT EXISTS _topic_records (number INTEGER PRIMARY KEY,
        topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL, written_ms INTEGER NOT NULL,
        json TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS topic_record_places ON _topic_records (topic, partition, position)";

/// A record of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The topic's name in the template.
    pub(crate) topic: String,
    /// The partition's number.
    pub(crate) partition: u32,
    /// Its place there.
    pub(crate) position: i64,
    /// When it was written, in milliseconds since the epoch.
    pub(crate) written_ms: i64,
    /// As an event shows it.
    pub(crate) json: String,
}

impl Entry {
    /// FNV-1a over its place and its bytes: any byte that is changed changes it.
    fn checksum(&self) -> i64 {
        let place = format!("{}/{}/{}/{}/", self.topic, self.partition, self.position, self.written_ms);
        let bytes = place.bytes().chain(self.json.bytes());
        let hash = bytes
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        hash.cast_signed()
    }
}

/// Makes the tables where they are missing; answers where each partition ends.
pub(super) fn prepare(file: &Connection) -> rusqlite::Result<BTreeMap<Partition, i64>> {
    file.execute_batch(TABLES)?;
    file.prepare("SELECT topic, partition, MAX(position) + 1 FROM _topic_records GROUP BY topic, partition")?
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
        .collect()
}

/// The first record whose bytes are not those that were written, for people.
pub(super) fn damaged(file: &Connection) -> rusqlite::Result<Option<String>> {
    let mut query = file.prepare(
        "SELECT number, topic, partition, position, written_ms, CAST(json AS BLOB), checksum
         FROM _topic_records ORDER BY number",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(5)?;
        let (number, checksum): (i64, i64) = (row.get(0)?, row.get(6)?);
        let whole = String::from_utf8(bytes).is_ok_and(|json| match place(row, json) {
            Ok(entry) => entry.checksum() == checksum,
            Err(_) => false,
        });
        if !whole {
            let (topic, partition, position): (String, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
            return Ok(Some(format!("record {number} of the journal, at {topic}/{partition}/{position}")));
        }
    }
    Ok(None)
}

/// Appends these records.
pub(super) fn append(file: &Connection, entries: &[Entry]) -> rusqlite::Result<()> {
    let mut insert = file.prepare_cached(
        "INSERT INTO _topic_records (topic, partition, position, written_ms, json, checksum)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for entry in entries {
        let Entry { topic, partition, position, written_ms, json } = entry;
        insert.execute((topic, partition, position, written_ms, json, entry.checksum()))?;
    }
    Ok(())
}

/// The records after this number, with their numbers, in their order.
pub(super) fn read(file: &Connection, after: i64, most: usize) -> rusqlite::Result<Vec<(i64, Entry)>> {
    file.prepare_cached(
        "SELECT number, topic, partition, position, written_ms, json FROM _topic_records
         WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?
    .query_map((after, most), |row| Ok((row.get(0)?, place(row, row.get(5)?)?)))?
    .collect()
}

fn place(row: &Row<'_>, json: String) -> rusqlite::Result<Entry> {
    Ok(Entry { topic: row.get(1)?, partition: row.get(2)?, position: row.get(3)?, written_ms: row.get(4)?, json })
}

/// Deletes the records before these positions, all but the last before each: it says where its partition ends.
pub(super) fn trim(file: &Connection, lowest: &BTreeMap<Partition, i64>) -> rusqlite::Result<()> {
    let mut delete =
        file.prepare_cached("DELETE FROM _topic_records WHERE topic = ?1 AND partition = ?2 AND position < ?3 - 1")?;
    for ((topic, partition), position) in lowest {
        delete.execute((topic, partition, position))?;
    }
    Ok(())
}

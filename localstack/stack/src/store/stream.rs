//! The embedded store's stream records: an index that keeps them quick to read, reading without parsing, trimming.

use std::fmt;

use rusqlite::{Connection, OptionalExtension as _, Row};

/// The records' own table has no index: without this one, each write and each read looks at every record there is.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS stream_order
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Where a record stands in its table's stream. The first is above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sequence(pub i64);

impl fmt::Display for Sequence {
    /// As DynamoDB writes it: 21 digits.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "1{:020}", self.0)
    }
}

/// A stream record, its images in DynamoDB's JSON, unparsed.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its place in the stream.
    pub sequence: Sequence,
    /// A unique id.
    pub id: String,
    /// `INSERT`, `MODIFY` or `REMOVE`.
    pub event: String,
    /// Seconds since the epoch.
    pub created: i64,
    /// The item's key.
    pub keys: String,
    /// The item after the write.
    pub new: Option<String>,
    /// The item before the write.
    pub old: Option<String>,
    /// Who wrote, where that was not a user (a TTL deletion).
    pub user: Option<String>,
}

/// Prepares a freshly opened store.
pub(super) fn prepare(store: &Connection) -> rusqlite::Result<()> {
    store.execute_batch(INDEX)
}

/// The records after `after`, oldest first.
pub(super) fn read(store: &Connection, table: &str, after: Sequence, limit: usize) -> rusqlite::Result<Vec<Image>> {
    store
        .prepare_cached(
            "SELECT CAST(sequence_number AS INTEGER), event_id, event_name, created_at, keys_json, new_image,
                    old_image, user_identity
             FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2
             ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3",
        )?
        .query_map((table, after.0, limit), image)?
        .collect()
}

fn image(row: &Row<'_>) -> rusqlite::Result<Image> {
    Ok(Image {
        sequence: Sequence(row.get(0)?),
        id: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
        event: row.get(2)?,
        created: row.get(3)?,
        keys: row.get(4)?,
        new: row.get(5)?,
        old: row.get(6)?,
        user: row.get(7)?,
    })
}

/// The newest record's place; 0 where there is none.
pub(super) fn newest(store: &Connection, table: &str) -> rusqlite::Result<Sequence> {
    store
        .prepare_cached(
            "SELECT CAST(sequence_number AS INTEGER) FROM _stream_records
             WHERE table_name = ?1 ORDER BY CAST(sequence_number AS INTEGER) DESC LIMIT 1",
        )?
        .query_row([table], |row| row.get(0))
        .optional()
        .map(|newest| Sequence(newest.unwrap_or_default()))
}

/// The newest record's place in the stream of each table that has any.
pub(super) fn all_newest(store: &Connection) -> rusqlite::Result<Vec<(String, Sequence)>> {
    store
        .prepare("SELECT table_name, MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records GROUP BY table_name")?
        .query_map([], |row| Ok((row.get(0)?, Sequence(row.get(1)?))))?
        .collect()
}

/// Deletes at most `limit` records before `before` and answers how many it deleted.
pub(super) fn trim(store: &Connection, table: &str, before: Sequence, limit: usize) -> rusqlite::Result<usize> {
    store
        .prepare_cached(
            "DELETE FROM _stream_records WHERE id IN (
                 SELECT id FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2
                 ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3)",
        )?
        .execute((table, before.0, limit))
}

/// Forgets the streams of tables that were deleted: a table made anew under the same name starts with none.
pub(super) fn forget_deleted(store: &Connection) -> rusqlite::Result<()> {
    store.execute("DELETE FROM _stream_records WHERE table_name NOT IN (SELECT table_name FROM _tables)", []).map(drop)
}

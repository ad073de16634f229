//! The file of the embedded store: one that nobody else sees, or one that is kept.

use std::path::Path;

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// No journal and no sync: nothing is to outlive the process. 32 MiB of pages are kept in memory.
const SCRATCH: &str = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY";

/// A write-ahead log: a commit is handed to the system before it is answered, so that it outlives the process, and goes to the
/// disk with the next checkpoint, so that a power failure takes the last commits, all or none of each, and damages nothing. The
/// log goes back to 16 MiB where many writes at once made it longer.
const KEPT: &str = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216;
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY";

/// A database in a file that is gone with the process. A commit may look at every page of SQLite's cache, so a database
/// that is all cache (`:memory:`) gets slower with every item it holds.
pub(super) fn temporary() -> Result<Storage, DynoxideError> {
    let path = std::env::temp_dir().join(format!("whenever-{}.db", uuid::Uuid::new_v4()));
    let storage = Storage::new(&path.to_string_lossy())?;
    storage.conn().execute_batch(SCRATCH)?;
    std::fs::remove_file(&path).map_err(|e| DynoxideError::InternalServerError(format!("{}: {e}", path.display())))?;
    Ok(storage)
}

/// The database in this file, made if it is not there. One whose structure is damaged is left as it is.
pub(super) fn kept(path: &Path) -> Result<Storage, DynoxideError> {
    if path.exists() {
        let found = check(path).unwrap_or_else(|error| error.to_string());
        if found != "ok" {
            let why = found.lines().last().unwrap_or_default();
            return Err(DynoxideError::InternalServerError(format!(
                "{} is damaged: {why}; restore it from a copy, or choose another --data to begin anew",
                path.display()
            )));
        }
    }
    let storage = Storage::new(&path.to_string_lossy())?;
    storage.conn().execute_batch(KEPT)?;
    Ok(storage)
}

/// What SQLite finds wrong with a database first, else `ok`. Nothing is written, the log's pages not even into the database.
fn check(path: &Path) -> rusqlite::Result<String> {
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    database.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768")?;
    database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
}

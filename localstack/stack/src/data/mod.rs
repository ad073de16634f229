//! The folder that a stack keeps its state in from run to run (`--data`).
//!
//! | file | holds |
//! |---|---|
//! | `whenever.json` | the format's number, and the tables and topics that the folder was used with |
//! | `tables.db`, `tables.db-wal` | everything else, in one SQLite database: tables, their streams, the journal of the topics, positions |
//! | `whenever.partial` | what becomes `whenever.json`: with it and without that, the folder's first start is not over |
//! | `lock` | locked while a stack uses the folder; its process's id |
//!
//! A folder is taken whole or refused before anything in it is changed: one that another stack uses, that another version wrote,
//! that is damaged, or whose tables or topics the template would have otherwise. Tables and topics that are new in the template
//! are added; those that are gone from it stay in the folder, unused. What a first start left that was never over is begun anew.

mod error;
mod folder;
mod format;
mod log;

pub use self::error::DataError;
pub(crate) use self::folder::Folder;

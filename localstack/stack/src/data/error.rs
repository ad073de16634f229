//! Why a data folder is refused, with what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a data folder is refused.
#[derive(Debug)]
pub enum DataError {
    /// Both the tables and the topics are elsewhere.
    NothingToKeep,
    /// It cannot be made, read or written.
    Io(PathBuf, io::Error),
    /// It has files and is no data folder.
    NotOurs(PathBuf),
    /// A stack uses it.
    InUse {
        /// The folder.
        folder: PathBuf,
        /// What its lock says about who that is.
        process: String,
    },
    /// Another version wrote it.
    OtherFormat {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: u64,
    },
    /// A file is missing, or is not what was written.
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        what: String,
    },
    /// A record of the journal is not what was written.
    Record(String),
    /// The template wants something otherwise than it is in the folder.
    OtherTemplate {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        what: String,
    },
}

/// What can be done about a folder that cannot be used.
const REMEDY: &str = "restore it from a copy, or choose another --data to begin anew";

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingToKeep => write!(
                f,
                "--data keeps what the stack's own table store and broker hold; with both --kafka and --dynamodb there is \
                 nothing to keep; leave one of the three out"
            ),
            Self::Io(path, error) => write!(f, "{} cannot be used as --data: {error}", path.display()),
            Self::NotOurs(folder) => write!(
                f,
                "{} holds files but no whenever.json: it is no data folder; give --data an empty or a new one",
                folder.display()
            ),
            Self::InUse { folder, process } => write!(
                f,
                "the data in {} is in use by another stack ({process}); stop it, or choose another --data",
                folder.display()
            ),
            Self::OtherFormat { folder, found } => write!(
                f,
                "the data in {} has format {found}, and this version reads format {}; run the version that wrote it, or \
                 choose another --data",
                folder.display(),
                super::format::FORMAT
            ),
            Self::Damaged { file, what } => write!(f, "{} is damaged: {what}; {REMEDY}", file.display()),
            Self::Record(what) => write!(f, "the data is damaged: {what} is not what was written; {REMEDY}"),
            Self::OtherTemplate { folder, what } => write!(
                f,
                "the template does not fit the data in {}: {what}; change it back, or choose another --data",
                folder.display()
            ),
        }
    }
}

impl std::error::Error for DataError {}

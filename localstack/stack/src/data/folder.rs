//! Opening a data folder: who may use it, and whether it is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::format::Format;
use super::{DataError, log};
use crate::template::Template;

/// A data folder that belongs to this stack for as long as this lives.
pub(crate) struct Folder {
    path: PathBuf,
    format: Format,
    /// Whatever becomes of the process, the system unlocks it.
    _lock: File,
}

impl Folder {
    /// Opens the folder, which is made if it is not there, for this template.
    pub(crate) fn open(path: &Path, template: &Template) -> Result<Self, DataError> {
        let failed = |error| DataError::Io(path.to_owned(), error);
        fs::create_dir_all(path).map_err(failed)?;
        let lock = lock(path)?;
        let now = Format::of(template);
        let format = match read(path)? {
            Some(before) => {
                check(path)?;
                before.with(now).map_err(|what| DataError::OtherTemplate { folder: path.to_owned(), what })?
            }
            None if is_empty(path).map_err(failed)? => now,
            None => {
                // It was made just now, in a folder that is somebody else's.
                fs::remove_file(path.join(LOCK)).ok();
                return Err(DataError::NotOurs(path.to_owned()));
            }
        };
        Ok(Self { path: path.to_owned(), format, _lock: lock })
    }

    /// Notes down what the folder is used with from now on, once all in it has been found to be whole.
    pub(crate) fn accept(&self) -> Result<(), DataError> {
        // Written whole or not at all.
        let written = self.path.join("whenever.partial");
        let write = || {
            fs::write(&written, serde_json::to_vec_pretty(&self.format)?)?;
            fs::rename(&written, self.path.join(FORMAT))
        };
        write().map_err(|error| DataError::Io(self.path.clone(), error))
    }

    /// The file of the table store.
    pub(crate) fn tables(&self) -> PathBuf {
        self.path.join(TABLES)
    }
}

const FORMAT: &str = "whenever.json";
const TABLES: &str = "tables.db";
const LOCK: &str = "lock";

/// What the folder says about itself; `None` if there is nothing that says so.
fn read(folder: &Path) -> Result<Option<Format>, DataError> {
    let file = folder.join(FORMAT);
    match fs::read(&file) {
        Ok(bytes) => Format::read(&bytes, folder, &file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DataError::Io(file, error)),
    }
}

/// That the database is there, and that nothing in its log is damaged, which SQLite would leave out without a word.
fn check(folder: &Path) -> Result<(), DataError> {
    let file = folder.join(TABLES);
    if fs::metadata(&file).map_or(0, |metadata| metadata.len()) == 0 {
        return Err(DataError::Damaged { file, what: "it is missing or empty".to_owned() });
    }
    let file = folder.join(format!("{TABLES}-wal"));
    match log::damage(&file) {
        Ok(None) => Ok(()),
        Ok(Some(what)) => Err(DataError::Damaged { file, what }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(DataError::Io(file, error)),
    }
}

/// Whether nothing is in there but the lock.
fn is_empty(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        if entry?.file_name() != LOCK {
            return Ok(false);
        }
    }
    Ok(true)
}

fn lock(folder: &Path) -> Result<File, DataError> {
    let path = folder.join(LOCK);
    let failed = |error| DataError::Io(path.clone(), error);
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut process = String::new();
            // Who it is helps, and is not needed.
            file.read_to_string(&mut process).ok();
            return Err(DataError::InUse { folder: folder.to_owned(), process: process.trim().to_owned() });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "process {}", std::process::id())
    };
    write(&mut file).map_err(failed)?;
    Ok(file)
}

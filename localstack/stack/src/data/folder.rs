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
            None if begin(path).map_err(failed)? => now,
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
        let written = self.path.join(PARTIAL);
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
/// Becomes [`FORMAT`]: until then the folder was never accepted, and nothing was answered from what is in it.
const PARTIAL: &str = "whenever.partial";
/// What a start may leave of its own, besides the lock, before the folder is accepted.
const BEGUN: [&str; 5] = [PARTIAL, TABLES, "tables.db-wal", "tables.db-shm", "tables.db-journal"];

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

/// Begins a folder that holds nothing but its lock, or only what a start left that ended before it was accepted: that goes.
/// Answers whether it could; everything else is left as it is.
fn begin(folder: &Path) -> io::Result<bool> {
    let mut left = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name != LOCK {
            left.push(name);
        }
    }
    let ours = left.iter().all(|name| BEGUN.iter().any(|known| name == known));
    let never_accepted = ours && left.iter().any(|name| name == PARTIAL);
    if !(left.is_empty() || never_accepted) {
        return Ok(false);
    }
    // The sign of a beginning stays to the end, should this be killed too.
    for name in left.iter().filter(|name| *name != PARTIAL) {
        fs::remove_file(folder.join(name))?;
    }
    fs::write(folder.join(PARTIAL), [])?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is gone after the test.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("whenever-folder-{name}-{}", std::process::id()));
            fs::remove_dir_all(&path).ok();
            Self(path)
        }

        fn open(&self) -> Result<Folder, DataError> {
            Folder::open(&self.0, &Template::default())
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn a_folder_whose_first_start_was_never_accepted_is_begun_anew() {
        let place = Place::new("begun");
        for _ in 0..2 {
            let folder = place.open().unwrap();
            assert!(!folder.tables().exists());
            fs::write(folder.tables(), "half").unwrap();
            fs::write(place.0.join("tables.db-wal"), "half").unwrap();
        }
        let folder = place.open().unwrap();
        fs::write(folder.tables(), "whole").unwrap();
        folder.accept().unwrap();
        drop(folder);
        let folder = place.open().unwrap();
        assert_eq!(fs::read(folder.tables()).unwrap(), b"whole");
        assert!(!place.0.join(PARTIAL).exists());
    }

    #[test]
    fn what_is_somebody_elses_or_was_accepted_once_is_left_as_it_is() {
        let place = Place::new("left");
        let folder = place.open().unwrap();
        fs::write(folder.tables(), "whole").unwrap();
        folder.accept().unwrap();
        drop(folder);
        fs::remove_file(place.0.join(FORMAT)).unwrap();
        assert!(matches!(place.open(), Err(DataError::NotOurs(_))));
        assert!(place.0.join(TABLES).exists());
        fs::write(place.0.join(PARTIAL), []).unwrap();
        fs::write(place.0.join("letter.txt"), "dear").unwrap();
        assert!(matches!(place.open(), Err(DataError::NotOurs(_))));
        assert!(place.0.join(TABLES).exists());
    }
}

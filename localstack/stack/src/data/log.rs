//! The database's write-ahead log: whether something in the middle of it is damaged.
//!
//! SQLite reads the log up to the first frame whose checksum is wrong. Behind that lies what nobody was answered: a transaction that a
//! kill cut off, of this run or of an earlier one whose frames were partly written over, or what is left of the log's earlier use.
//! Where the end of a transaction of this same use follows, it was no kill: that transaction was acknowledged, and SQLite would leave
//! it out without a word.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

/// The log's header (<https://sqlite.org/fileformat2.html#walformat>).
const HEADER: usize = 32;
/// A frame's header, before its page.
const FRAME: usize = 24;

/// What is damaged in this log, and where; `None` if it is whole up to its end.
pub(super) fn damage(path: &Path) -> io::Result<Option<String>> {
    let mut log = BufReader::new(File::open(path)?);
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(None);
    }
    let big_endian = match word(&header, 0) {
        0x377f_0682 => false,
        0x377f_0683 => true,
        _ => return Ok(Some("it does not begin as a log does (offset 0)".to_owned())),
    };
    let mut sum = checksum((0, 0), &header[..24], big_endian);
    if sum != (word(&header, 24), word(&header, 28)) {
        return Ok(Some("the checksum of its header is wrong (offset 0)".to_owned()));
    }
    let page = usize::try_from(word(&header, 8)).unwrap_or_default();
    if !(512..=65_536).contains(&page) {
        return Ok(Some("it has no page size (offset 8)".to_owned()));
    }
    let mut frame = vec![0; FRAME + page];
    let (mut offset, mut wrong) = (HEADER, None);
    while fill(&mut log, &mut frame)? {
        let ours = frame[8..16] == header[16..24];
        let ends_transaction = word(&frame, 4) != 0;
        if wrong.is_none() {
            let next = checksum(checksum(sum, &frame[..8], big_endian), &frame[FRAME..], big_endian);
            if ours && next == (word(&frame, 16), word(&frame, 20)) {
                sum = next;
            } else {
                wrong = Some(offset);
            }
        } else if let Some(wrong) = wrong.filter(|_| ours && ends_transaction) {
            return Ok(Some(format!("the frame at offset {wrong} is not what was written")));
        }
        offset += frame.len();
    }
    Ok(None)
}

/// Fills the buffer; false if the file ends before.
fn fill(log: &mut impl io::Read, buffer: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// SQLite's, over pairs of words.
fn checksum(mut sum: (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    for pair in bytes.chunks_exact(8) {
        let word = |at| if big_endian { word(pair, at) } else { word(pair, at).swap_bytes() };
        sum.0 = sum.0.wrapping_add(word(0)).wrapping_add(sum.1);
        sum.1 = sum.1.wrapping_add(word(4)).wrapping_add(sum.0);
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rusqlite::Connection;

    use super::*;

    /// The bytes of a log with some commits in it, and a file to put them in.
    fn log(name: &str) -> (Vec<u8>, PathBuf) {
        let path = std::env::temp_dir().join(format!("whenever-log-{name}-{}.db", std::process::id()));
        let wal = path.with_extension("db-wal");
        let database = Connection::open(&path).unwrap();
        database.pragma_update(None, "journal_mode", "WAL").unwrap();
        database.execute_batch("CREATE TABLE t (v)").unwrap();
        for v in 0..5 {
            database.execute("INSERT INTO t VALUES (?1)", [v]).unwrap();
        }
        let bytes = std::fs::read(&wal).unwrap();
        drop(database);
        std::fs::remove_file(&path).unwrap();
        (bytes, wal)
    }

    fn found(bytes: &[u8], file: &Path) -> Option<String> {
        std::fs::write(file, bytes).unwrap();
        let found = damage(file).unwrap();
        std::fs::remove_file(file).unwrap();
        found
    }

    #[test]
    fn what_a_kill_leaves_is_whole_and_what_is_changed_in_the_middle_is_not() {
        let (whole, file) = log("damage");
        assert_eq!(found(&whole, &file), None);
        assert_eq!(found(&whole[..whole.len() - 100], &file), None);
        assert_eq!(found(&[], &file), None);
        let changed = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        assert_eq!(found(&changed(whole.len() - 1), &file), None);
        for at in [HEADER + FRAME + 7, HEADER + 17, whole.len() / 2] {
            assert!(found(&changed(at), &file).unwrap().contains("the frame at offset "), "{at}");
        }
        // A transaction without its end, twice: of two runs that were killed.
        let mut cut_off = whole[whole.len() - FRAME - 4096..].to_vec();
        cut_off[4..8].fill(0);
        assert_eq!(found(&[&whole[..], &cut_off, &cut_off].concat(), &file), None);
        assert!(found(&changed(1), &file).unwrap().contains("(offset 0)"));
        assert!(found(&changed(17), &file).unwrap().contains("the checksum of its header"));
    }
}

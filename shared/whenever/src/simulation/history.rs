//! What happened, line by line, and a hash over all of it.

use std::fmt::{self, Write as _};

/// Everything that a run did: two runs with the same hash did the same.
#[derive(Debug)]
pub struct History {
    hash: u64,
    lines: usize,
    /// The lines themselves, where somebody wants to read them.
    kept: Option<Vec<String>>,
    violations: Vec<String>,
}

/// FNV-1a's offset and prime, 64 bits.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl History {
    pub(super) fn new(keep: bool) -> Self {
        History { hash: OFFSET, lines: 0, kept: keep.then(Vec::new), violations: Vec::new() }
    }

    pub(super) fn add(&mut self, at: u64, what: fmt::Arguments<'_>) {
        self.lines += 1;
        self.kept.iter_mut().for_each(|kept| kept.push(String::new()));
        // Writing to memory cannot fail.
        let _ = write!(Line(self), "{:>10}.{:03} {what}", at / 1_000, at % 1_000);
    }

    pub(super) fn violate(&mut self, what: String) {
        if !self.violations.contains(&what) {
            self.violations.push(what);
        }
    }

    /// A hash over all lines.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// How many lines there are.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// What the framework promises and did not keep in this run.
    #[must_use]
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// The lines that name one of `names`; all where there are none. Empty unless the run was told to keep them.
    #[must_use]
    pub fn about(&self, names: &[String]) -> Vec<&str> {
        let kept = self.kept.iter().flatten().map(String::as_str);
        kept.filter(|line| names.is_empty() || names.iter().any(|name| line.contains(name.as_str()))).collect()
    }
}

/// Goes on with the last line. Where nobody wants to read it, it is nowhere as a whole.
struct Line<'h>(&'h mut History);

impl fmt::Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0.hash = (self.0.hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        if let Some(line) = self.0.kept.as_mut().and_then(|kept| kept.last_mut()) {
            line.push_str(text);
        }
        Ok(())
    }
}

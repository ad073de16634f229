//! A line that says how far long work is, where a person looks at it.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// People read no faster.
const PAUSE: Duration = Duration::from_millis(100);

/// The line; in a pipe there is none.
pub(crate) struct Progress {
    shown: bool,
    last: Option<Instant>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal(), last: None }
    }

    /// How far it is.
    pub(crate) fn at(&mut self, text: &str) {
        if self.shown && self.last.is_none_or(|last| last.elapsed() >= PAUSE) {
            eprint!("\r\u{1b}[K{text} ");
            std::io::stderr().flush().ok();
            self.last = Some(Instant::now());
        }
    }

    /// Something that stays, above the line.
    pub(crate) fn say(&mut self, text: &str) {
        self.end();
        eprintln!("{text}");
    }

    /// Takes the line away.
    pub(crate) fn end(&mut self) {
        if self.last.take().is_some() {
            eprint!("\r\u{1b}[K");
        }
    }
}

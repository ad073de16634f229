//! What is printed: colours where a person reads them, and a quiet end where nobody reads on.

use std::fmt::{Arguments, Display};
use std::io::{ErrorKind, IsTerminal, Write};

/// As `print!`, but ends the program without a word when the reader has gone: `whenever orders | head`.
macro_rules! out {
    ($($text:tt)*) => { $crate::terminal::write(format_args!($($text)*)) };
}

/// As `println!`, with the manners of `out!`.
macro_rules! outln {
    ($($text:tt)*) => { $crate::terminal::write(format_args!("{}\n", format_args!($($text)*))) };
}

pub(crate) use {out, outln};

/// Writes to stdout.
pub(crate) fn write(text: Arguments<'_>) {
    if let Err(error) = std::io::stdout().write_fmt(text) {
        std::process::exit(if error.kind() == ErrorKind::BrokenPipe { 0 } else { 1 });
    }
}

/// Paints text, or leaves it as it is: in a pipe, or where `NO_COLOR` is set.
#[derive(Clone, Copy)]
pub(crate) struct Paint(bool);

/// For what is printed to stdout.
pub(crate) fn stdout() -> Paint {
    Paint::on(&std::io::stdout())
}

/// For what is printed to stderr.
pub(crate) fn stderr() -> Paint {
    Paint::on(&std::io::stderr())
}

impl Paint {
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self(false)
    }

    fn on(stream: &impl IsTerminal) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self(stream.is_terminal() && !unwanted)
    }

    pub(crate) fn bold(self, text: impl Display) -> String {
        self.paint(1, text)
    }

    pub(crate) fn dim(self, text: impl Display) -> String {
        self.paint(2, text)
    }

    pub(crate) fn green(self, text: impl Display) -> String {
        self.paint(32, text)
    }

    pub(crate) fn red(self, text: impl Display) -> String {
        self.paint(31, text)
    }

    fn paint(self, code: u8, text: impl Display) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

//! Colours, where a person reads them.

use std::fmt::Display;
use std::io::IsTerminal;

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

//! Tables for the terminal: columns as wide as their widest cell, wide characters counted as two.

use unicode_width::UnicodeWidthStr as _;

use crate::terminal::Paint;

/// Text from outside longer than this many columns is cut.
const WIDEST_CELL: usize = 100;

/// How a cell looks where colours are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it is.
    Plain,
    /// Of little news.
    Dim,
    /// As it should be.
    Good,
    /// As nobody wants it.
    Bad,
}

/// On which side a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// For text.
    Left,
    /// For numbers.
    Right,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell with this text in this tone.
    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: printable(&text.into()), tone }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

/// Rows of cells under a heading.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Side)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these columns and no rows.
    pub(crate) fn new(columns: &[(&'static str, Side)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, a cell for each column.
    pub(crate) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.into());
    }

    /// The lines, each beginning with `indent` and ended by a line feed.
    pub(crate) fn draw(&self, indent: &str, paint: Paint) -> String {
        let widths: Vec<usize> = self.columns.iter().enumerate().map(|(n, (title, _))| self.width(n, title)).collect();
        let line = |cells: Vec<String>| format!("{indent}{}\n", cells.join(" │ ").trim_end());
        let mut lines = String::new();
        let titles = self.columns.iter().zip(&widths);
        lines.push_str(&line(titles.map(|((title, side), width)| paint.dim(pad(title, *side, *width))).collect()));
        let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        lines.push_str(&format!("{indent}{}\n", rules.join("─┼─")));
        for row in &self.rows {
            let cells = row.iter().zip(&self.columns).zip(&widths);
            let cells = cells.map(|((cell, (_, side)), width)| tone(paint, cell.tone, &pad(&cell.text, *side, *width)));
            lines.push_str(&line(cells.collect()));
        }
        lines
    }

    fn width(&self, column: usize, title: &str) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width());
        cells.chain([title.width()]).max().unwrap_or_default()
    }
}

/// Text in a tone.
pub(crate) fn tone(paint: Paint, tone: Tone, text: &str) -> String {
    match tone {
        Tone::Plain => text.to_owned(),
        Tone::Dim => paint.dim(text),
        Tone::Good => paint.green(text),
        Tone::Bad => paint.red(text),
    }
}

/// Text on one line, not too long, without what would command the terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut line = String::new();
    for character in text.chars() {
        if line.width() >= WIDEST_CELL {
            line.push('…');
            break;
        }
        line.push(if character.is_control() { '·' } else { character });
    }
    line
}

fn pad(text: &str, side: Side, width: usize) -> String {
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    match side {
        Side::Left => format!("{text}{blanks}"),
        Side::Right => format!("{blanks}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        let mut table = Table::new(&[("address", Side::Left), ("qty", Side::Right)]);
        table.row(["경기도".into(), "5".into()]);
        table.row(["SEOUL, Mapo".into(), Cell::toned("1000", Tone::Bad)]);
        let drawn = table.draw("  ", Paint::plain());
        let expected = "  \
  address     │  qty
  ────────────┼─────
  경기도      │    5
  SEOUL, Mapo │ 1000
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn what_comes_from_outside_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc"), "a·[2Jb·c");
        let long = printable(&"가".repeat(500));
        assert_eq!((long.width(), long.ends_with('…')), (WIDEST_CELL + 1, true));
    }
}

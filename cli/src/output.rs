//! What a person or a script gets to see: tables and notes, or JSON.

#![expect(clippy::print_stderr, reason = "the terminal is this program's door")]

use std::io::{IsTerminal as _, Write as _};

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle,
    presets,
};
use serde_json::Value;
use types::Severity;

use crate::args::{ColorWhen, Globals};

/// A rule under the header and nothing else: tables are read, copied and searched.
const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─'));
/// Where nobody can tell how wide the screen is.
const WIDTH: u16 = 160;

/// How to speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub json: bool,
    pub color: bool,
}

impl Output {
    pub(crate) fn new(globals: &Globals) -> Output {
        let color = match globals.color {
            ColorWhen::Auto => std::io::stdout().is_terminal(),
            ColorWhen::Always => true,
            ColorWhen::Never => false,
        };
        Output { json: globals.json, color }
    }

    /// One JSON document, or one line of NDJSON when called again and again.
    pub(crate) fn json(self, value: &Value) {
        line(&value.to_string());
    }

    /// A result for a person; nothing in JSON mode.
    pub(crate) fn text(self, text: &str) {
        if !self.json {
            line(text);
        }
    }

    /// A headline over what follows.
    pub(crate) fn heading(self, text: &str) {
        if self.color {
            self.text(&format!("\n\u{1b}[1m{text}\u{1b}[0m"));
        } else {
            self.text(&format!("\n{text}"));
        }
    }

    /// Progress and remarks: to standard error, so that they never mix with the result.
    pub(crate) fn note(self, text: &str) {
        eprintln!("{text}");
    }

    /// A table, or `empty` when there is nothing to show.
    pub(crate) fn table(self, headers: &[&str], rows: Vec<Vec<Shown>>, empty: &str) {
        if rows.is_empty() {
            self.text(empty);
            return;
        }
        let mut table = Table::new();
        table
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(headers.iter().map(|it| Cell::new(it).add_attribute(Attribute::Bold)));
        if table.width().is_none() {
            table.set_width(WIDTH);
        }
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        for row in rows {
            table.add_row(row.into_iter().map(|it| it.cell(self.color)));
        }
        self.text(&table.to_string());
    }
}

/// Prints a line. Where nobody reads any more (`… | head`), the program has said what it had to say.
fn line(text: &str) {
    if writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}

/// One cell of a table.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    Text(String),
    Number(String),
    Severity(Severity),
    /// Good or bad at a glance.
    Verdict {
        text: String,
        good: bool,
    },
}

impl Shown {
    fn cell(self, color: bool) -> Cell {
        match self {
            Shown::Text(text) => Cell::new(printable(&text)),
            Shown::Number(text) => Cell::new(text).set_alignment(CellAlignment::Right),
            Shown::Severity(severity) => {
                let cell = Cell::new(severity);
                if !color {
                    return cell;
                }
                match severity {
                    Severity::Critical => cell.fg(Color::Red).add_attribute(Attribute::Bold),
                    Severity::High => cell.fg(Color::Red),
                    Severity::Medium => cell.fg(Color::Yellow),
                    Severity::Low | Severity::Info => cell,
                }
            }
            Shown::Verdict { text, good } => {
                let cell = Cell::new(text);
                match (color, good) {
                    (false, _) => cell,
                    (true, true) => cell.fg(Color::Green),
                    (true, false) => cell.fg(Color::Red),
                }
            }
        }
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Shown {
        Shown::Text(text.to_owned())
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Shown {
        Shown::Text(text)
    }
}

impl From<u64> for Shown {
    fn from(number: u64) -> Shown {
        Shown::Number(grouped(number))
    }
}

/// `50000` as `50,000`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if 0 < at && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as `93.1 %`, rounded down, so that only the whole reads as 100 %.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", (share * 1000.0).floor() / 10.0)
}

/// Text of others must not move the cursor or colour the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [0, 999, 1_000, 50_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "50,000", "1,234,567"]
        );
    }

    #[test]
    fn almost_all_is_not_all() {
        assert_eq!(percent(0.99999), "99.9 %");
        assert_eq!(percent(1.0), "100.0 %");
    }

    #[test]
    fn a_label_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }
}

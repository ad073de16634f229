//! `whenever dead-letters`: records that were given up, with the reason.

use std::process::ExitCode;

use serde::Deserialize;
use serde_json::Value;

use crate::api::{Api, DEFAULT_URL};
use crate::table::{Side, Table};
use crate::terminal::{out, outln};
use crate::{Outcome, terminal};

/// Shows the records that policies have given up.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: List,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List them, oldest first (also without a command)
    List(List),
}

#[derive(clap::Args)]
struct List {
    /// Everything that is known of each, as JSON, one a line
    #[arg(long)]
    json: bool,
    /// Where the HTTP API answers
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeadLetters {
    dead_letters: Vec<Value>,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let list = args.command.map_or(args.list, |Command::List(list)| list);
    let answer: DeadLetters = Api::at(&list.url).get("/_local/dead-letters").await?;
    let mut letters = answer.dead_letters;
    // Long values stand in items of their own, which say nothing by themselves.
    letters.retain(|letter| letter.get("reason").is_some());
    letters.sort_by_key(|letter| text(letter, "parkedAt"));
    if list.json {
        letters.iter().for_each(|letter| outln!("{letter}"));
    } else if letters.is_empty() {
        outln!("no dead letters");
    } else {
        out!("{}", table(&letters).draw("", terminal::stdout()));
    }
    Ok(ExitCode::SUCCESS)
}

fn table(letters: &[Value]) -> Table {
    let mut table = Table::new(&[
        ("parked at", Side::Left),
        ("policy", Side::Left),
        ("topic/partition/offset", Side::Left),
        ("key", Side::Left),
        ("reason", Side::Left),
    ]);
    for letter in letters {
        let place = ["topic", "partition", "offset"].map(|name| text(letter, name)).join("/");
        let key = Some(text(letter, "key")).filter(|key| !key.is_empty());
        let key = key.unwrap_or_else(|| text(letter, "keyBase64"));
        table.row([
            text(letter, "parkedAt").into(),
            text(letter, "policy").into(),
            place.into(),
            key.into(),
            text(letter, "reason").into(),
        ]);
    }
    table
}

fn text(letter: &Value, name: &str) -> String {
    match letter.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::table;
    use crate::terminal::Paint;

    #[test]
    fn a_letter_is_told_by_where_it_was_and_why_it_is_dead() {
        let letters = [
            json!({"policy": "p", "topic": "t", "partition": 2, "offset": 41, "reason": "no id", "keyBase64": "/w==",
                "parkedAt": "2026-01-31T12:00:00.000Z"}),
            json!({"policy": "p", "topic": "t", "partition": 0, "offset": 1, "reason": "no JSON", "key": "7",
                "parkedAt": "2026-01-31T12:00:01.000Z"}),
        ];
        let expected = "\
parked at                │ policy │ topic/partition/offset │ key  │ reason
─────────────────────────┼────────┼────────────────────────┼──────┼────────
2026-01-31T12:00:00.000Z │ p      │ t/2/41                 │ /w== │ no id
2026-01-31T12:00:01.000Z │ p      │ t/0/1                  │ 7    │ no JSON
";
        assert_eq!(table(&letters).draw("", Paint::plain()), expected);
    }
}

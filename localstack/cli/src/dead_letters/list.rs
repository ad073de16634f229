//! `whenever dead-letters list`: a line for each letter.

use std::process::ExitCode;

use whenever::Letter;

use super::show::json;
use super::{Found, Selection, key};
use crate::deployment::Deployment;
use crate::table::{Side, Table};
use crate::terminal::{out, outln};
use crate::{Outcome, terminal};

/// Lists the records that policies have given up, oldest first.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Everything that is known of each, as JSON, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    deployment: Deployment,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let Found { letters, .. } = Found::new(&args.deployment, &args.selection).await?;
    if args.json {
        letters.iter().for_each(|letter| outln!("{}", json(letter, &letter.record)));
    } else if letters.is_empty() {
        outln!("no dead letters");
    } else {
        out!("{}", table(&letters).draw("", terminal::stdout()));
    }
    Ok(ExitCode::SUCCESS)
}

/// One line for each letter.
pub(super) fn table(letters: &[Letter]) -> Table {
    let mut table = Table::new(&[
        ("parked at", Side::Left),
        ("policy", Side::Left),
        ("topic/partition/offset", Side::Left),
        ("key", Side::Left),
        ("tried", Side::Right),
        ("reason", Side::Left),
    ]);
    for letter in letters {
        table.row([
            letter.parked_at.to_string().into(),
            letter.policy.as_str().into(),
            letter.name().into(),
            key(letter).into(),
            letter.attempts.to_string().into(),
            letter.reason.as_str().into(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use whenever::Letter;

    use super::table;
    use crate::terminal::Paint;

    #[test]
    fn a_letter_is_told_by_where_it_was_and_why_it_is_dead() {
        let letters = [
            json!({"sk": "1", "policy": "p", "topic": "t", "partition": 2, "offset": 41, "reason": "no id",
                "keyBase64": "/w==", "attempts": 3, "parkedAt": "2026-01-31T12:00:00.000Z"}),
            json!({"sk": "2", "policy": "p", "topic": "t", "partition": 0, "offset": 1, "reason": "no JSON", "key": "7",
                "attempts": 1, "parkedAt": "2026-01-31T12:00:01.000Z"}),
        ];
        let letters: Vec<Letter> =
            letters.iter().map(|letter| Letter::read(letter.as_object().unwrap()).unwrap()).collect();
        let expected = "\
parked at                │ policy │ topic/partition/offset │ key │ tried │ reason
─────────────────────────┼────────┼────────────────────────┼─────┼───────┼────────
2026-01-31T12:00:00.000Z │ p      │ t/2/41                 │ \u{fffd}   │     3 │ no id
2026-01-31T12:00:01.000Z │ p      │ t/0/1                  │ 7   │     1 │ no JSON
";
        assert_eq!(table(&letters).draw("", Paint::plain()), expected);
    }
}

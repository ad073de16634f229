//! Which letters a command is about, by policy, key, reason and time. What nobody ever heard of is refused with what there is.

use std::collections::BTreeSet;

use whenever::{Letter, Timestamp};

use super::key;
use crate::table::printable;
use crate::time::instant;

/// How many of what there is are named.
const MOST_NAMED: usize = 10;

/// Which letters; all of these must hold.
#[derive(clap::Args, Default)]
pub(crate) struct Selection {
    /// Only those of this policy: its function's name
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Only those of records with this key, such as an order's id
    #[arg(long)]
    key: Option<String>,
    /// Only those whose reason has this text in it, in capitals or not
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only those parked at this time or later: 2026-01-31T12:00:00Z, or 90m, 2h, 3d for so long ago
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<Timestamp>,
    /// Only those parked before this time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Timestamp>,
    /// Only this record: its place as `list` shows it
    #[arg(long, value_name = "TOPIC/PARTITION/OFFSET")]
    record: Option<String>,
}

impl Selection {
    /// Those of `letters` that are meant.
    pub(super) fn of(&self, letters: Vec<Letter>, functions: &[String]) -> Result<Vec<Letter>, String> {
        self.check(&letters, functions)?;
        Ok(letters.into_iter().filter(|letter| self.means(letter)).collect())
    }

    fn means(&self, letter: &Letter) -> bool {
        self.policy.as_ref().is_none_or(|policy| *policy == letter.policy)
            && self.key.as_ref().is_none_or(|wanted| *wanted == key(letter))
            && self.reason.as_ref().is_none_or(|text| contains(&letter.reason, text))
            && self.since.is_none_or(|since| letter.parked_at >= since)
            && self.until.is_none_or(|until| letter.parked_at < until)
            && self.record.as_ref().is_none_or(|record| *record == letter.name())
    }

    /// A name that is mistyped must not pass for one that has no letters.
    fn check(&self, letters: &[Letter], functions: &[String]) -> Result<(), String> {
        let known =
            |what: &str, wanted: Option<&String>, matches: &dyn Fn(&Letter) -> bool, of: &dyn Fn(&Letter) -> String| {
                match wanted {
                    Some(wanted) if !letters.iter().any(matches) => Err(format!(
                        "no dead letter has the {what} {wanted:?}; {}",
                        named(what, letters.iter().map(of))
                    )),
                    _ => Ok(()),
                }
            };
        let policy = self.policy.as_ref().filter(|policy| !functions.contains(policy));
        known("policy", policy, &|letter| self.policy.as_ref() == Some(&letter.policy), &|letter| {
            letter.policy.clone()
        })?;
        known("key", self.key.as_ref(), &|letter| self.key == Some(key(letter)), &key)?;
        known("record", self.record.as_ref(), &|letter| self.record == Some(letter.name()), &Letter::name)?;
        let reason = |letter: &Letter| self.reason.as_ref().is_some_and(|text| contains(&letter.reason, text));
        known("reason", self.reason.as_ref(), &reason, &|letter| letter.reason.clone())?;
        self.check_time(letters)
    }

    fn check_time(&self, letters: &[Letter]) -> Result<(), String> {
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since >= until
        {
            return Err(format!("nothing is between --since {since} and --until {until}; --since has to be earlier"));
        }
        let times = letters.iter().map(|letter| letter.parked_at);
        let (Some(first), Some(last)) = (times.clone().min(), times.max()) else { return Ok(()) };
        if self.since.is_some_and(|since| last < since) || self.until.is_some_and(|until| first >= until) {
            return Err(format!("no dead letter was parked then; the first was at {first}, the last at {last}"));
        }
        Ok(())
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// What there is, as far as it can be told in a line.
fn named(what: &str, names: impl Iterator<Item = String>) -> String {
    let names: BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return "there are none".to_owned();
    }
    let shown: Vec<String> = names.iter().take(MOST_NAMED).map(|name| printable(name)).collect();
    let more = names.len().saturating_sub(MOST_NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("there are those with {what} {}{more}", shown.join(", "))
}

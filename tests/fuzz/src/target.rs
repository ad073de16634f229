//! What is fuzzed.

use std::fmt;
use std::str::FromStr;

use crate::{corpus, http, kafka, stream, template, texts};

/// Something that reads what comes from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Events of Kafka triggers, for every function that has one.
    Kafka,
    /// Events of a table's stream, for the relay.
    Stream,
    /// Calls of the HTTP API, for the function that has the route.
    Http,
    /// SAM templates.
    Template,
    /// Envelopes, points in time and filter patterns.
    Texts,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 5] = [Target::Kafka, Target::Stream, Target::Http, Target::Template, Target::Texts];

    /// The inputs to begin with.
    #[must_use]
    pub fn seeds(self) -> Vec<Vec<u8>> {
        let made = match self {
            Target::Kafka | Target::Stream => Vec::new(),
            Target::Http => http::seeds(),
            Target::Template => template::seeds(),
            Target::Texts => texts::seeds(),
        };
        made.into_iter().chain(corpus::read(self)).collect()
    }

    /// Judges an input.
    ///
    /// # Panics
    ///
    /// If it is not dealt with as promised.
    pub fn judge(self, input: &[u8]) {
        // A record's value may be any bytes; all else is handed over as text.
        match (self, std::str::from_utf8(input)) {
            (Target::Texts, _) => texts::judge(input),
            (Target::Kafka, Ok(text)) => kafka::judge(text),
            (Target::Stream, Ok(text)) => stream::judge(text),
            (Target::Http, Ok(text)) => http::judge(text),
            (Target::Template, Ok(text)) => template::judge(text),
            (_, Err(_)) => {}
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Target::Kafka => "kafka",
            Target::Stream => "stream",
            Target::Http => "http",
            Target::Template => "template",
            Target::Texts => "texts",
        })
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Target::ALL.into_iter().find(|target| target.to_string() == name);
        found
            .ok_or_else(|| format!("{name:?} is none of the targets {}", Target::ALL.map(|t| t.to_string()).join(", ")))
    }
}

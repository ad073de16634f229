//! What is wrong with an outside system on purpose.

use serde::Deserialize;

/// How it answers in place of 200 `true`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Fault {
    /// It answers this many milliseconds later.
    pub(crate) delay_ms: u64,
    /// The status that it answers with.
    pub(crate) status: Option<Status>,
    /// The body that it answers with.
    pub(crate) body: Option<String>,
    /// It never answers.
    pub(crate) silent: bool,
}

/// A status that an answer can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
pub(crate) struct Status(pub(super) http::StatusCode);

impl TryFrom<u16> for Status {
    type Error = String;

    fn try_from(status: u16) -> Result<Self, String> {
        let known = http::StatusCode::from_u16(status).ok().filter(|known| !known.is_informational());
        known.map(Status).ok_or_else(|| format!("{status} is no status from 200 to 999"))
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn only_what_can_be_answered_is_a_fault() {
        for good in [r#"{"delayMs": 3000}"#, r#"{"status": 302, "body": "x"}"#, r#"{"silent": true}"#, "{}"] {
            assert!(serde_json::from_str::<Fault>(good).is_ok(), "{good}");
        }
        for bad in [r#"{"delayMs": -1}"#, r#"{"status": 100}"#, r#"{"status": 5000}"#, r#"{"delay": 1}"#, ""] {
            assert!(serde_json::from_str::<Fault>(bad).is_err(), "{bad}");
        }
    }
}

//! Problem details (RFC 9457): what was wrong, which field, and what it should have been.

use serde::Serialize;

use super::reply::Reply;
use crate::Refusal;

/// An answer that says why a call was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `about:blank`: the status says what kind it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status code.
    pub status: u16,
    /// The status in words.
    pub title: &'static str,
    /// What was wrong, and what it should have been.
    pub detail: String,
    /// The field that was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Media type of problem details (RFC 9457).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

impl Problem {
    fn new(status: u16, title: &'static str, detail: impl Into<String>) -> Self {
        Problem { kind: "about:blank", status, title, detail: detail.into(), field: None }
    }

    /// 400: `field` is not what it should be.
    #[must_use]
    pub fn field(field: &str, should: impl std::fmt::Display) -> Self {
        let mut problem = Problem::new(400, "Bad Request", format!("{field} {should}"));
        problem.field = Some(field.to_owned());
        problem
    }

    /// 400: the call as a whole is not what it should be.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Problem::new(400, "Bad Request", detail)
    }

    /// 404.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Problem::new(404, "Not Found", detail)
    }

    /// 409: the state forbids it.
    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Problem::new(409, "Conflict", detail)
    }

    /// 413.
    #[must_use]
    pub fn too_large(detail: impl Into<String>) -> Self {
        Problem::new(413, "Content Too Large", detail)
    }

    /// 422: the same `Idempotency-Key` came with another body.
    #[must_use]
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Problem::new(422, "Unprocessable Content", detail)
    }

    /// 500: a bug, or damaged data.
    #[must_use]
    pub fn internal(detail: impl Into<String>) -> Self {
        Problem::new(500, "Internal Server Error", detail)
    }

    /// 503: trying again later may help.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Problem::new(503, "Service Unavailable", detail)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match &refusal {
            Refusal::Missing(_) => Problem::not_found(refusal.to_string()),
            Refusal::Taken(_) | Refusal::Forbidden(_) => Problem::conflict(refusal.to_string()),
            Refusal::Broken(_) => Problem::internal(refusal.to_string()),
        }
    }
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        Reply { content_type: PROBLEM_JSON, ..Reply::json(problem.status, &problem) }
    }
}

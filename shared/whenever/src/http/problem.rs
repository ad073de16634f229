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
    /// What only the log is told.
    #[serde(skip)]
    trouble: Option<String>,
}

/// Media type of problem details (RFC 9457).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

impl Problem {
    fn new(status: u16, title: &'static str, detail: impl Into<String>) -> Self {
        Problem { kind: "about:blank", status, title, detail: detail.into(), field: None, trouble: None }
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

    /// 500: a bug, or damaged data. Why is for the log alone: it may name what is nobody else's business.
    #[must_use]
    pub fn internal(why: impl Into<String>) -> Self {
        let problem = Problem::new(500, "Internal Server Error", "the call failed; the function's log says why");
        Problem { trouble: Some(why.into()), ..problem }
    }

    /// 503: trying again later may help. Why is for the log alone.
    #[must_use]
    pub fn unavailable(why: impl Into<String>) -> Self {
        let problem = Problem::new(503, "Service Unavailable", "the call cannot be carried out now; try again later");
        Problem { trouble: Some(why.into()), ..problem }
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
        let reply = Reply::json(problem.status, &problem);
        Reply { content_type: PROBLEM_JSON, trouble: problem.trouble, ..reply }
    }
}

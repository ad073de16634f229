//! What an outside system's answer means for the message.

use crate::ports::outside::{CallError, Response};

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// The message was taken.
    Taken,
    /// It may be taken when it comes again.
    Again(String),
    /// It never will be.
    Never(String),
}

/// How much of a body stands in a reason, in bytes.
const QUOTED: usize = 200;

impl Fate {
    /// The fate of a message by the answer to its call.
    pub(super) fn by(answer: Result<Response, CallError>) -> Self {
        let Response { status, body } = match answer {
            Ok(response) => response,
            Err(e @ CallError::Unavailable(_)) => return Fate::Again(e.to_string()),
            Err(e @ CallError::Rejected(_)) => return Fate::Never(e.to_string()),
        };
        let answered = format!("the outside system answered {status}{}", quote(&body));
        match status {
            200..=299 if serde_json::from_slice(&body).is_ok_and(|taken: bool| !taken) => Fate::Again(answered),
            200..=299 => Fate::Taken,
            300..=399 => Fate::Never(format!("{answered}; redirects are not followed")),
            408 | 425 | 429 | 500..=599 => Fate::Again(answered),
            _ => Fate::Never(answered),
        }
    }
}

/// The beginning of a body, for people.
fn quote(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let beginning = &text[..text.floor_char_boundary(QUOTED)];
    if beginning.is_empty() { String::new() } else { format!(": {beginning}") }
}

#[cfg(test)]
mod tests {
    use super::Fate;
    use crate::ports::outside::Response;

    fn fate(status: u16, body: &str) -> Fate {
        Fate::by(Ok(Response { status, body: body.as_bytes().to_vec() }))
    }

    #[test]
    fn any_2xx_takes_the_message_unless_it_says_false() {
        for (status, body) in
            [(200, "true"), (200, ""), (201, "{\"ok\": false}"), (204, ""), (202, "<html>"), (200, "\"false\"")]
        {
            assert_eq!(fate(status, body), Fate::Taken, "{status} {body}");
        }
        for body in ["false", " false\n"] {
            assert!(matches!(fate(200, body), Fate::Again(_)), "{body}");
        }
    }

    #[test]
    fn what_waiting_can_help_comes_again_and_nothing_else() {
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(fate(status, "busy"), Fate::Again(why) if why.ends_with(&format!("{status}: busy"))));
        }
        for status in [300, 301, 304, 307, 400, 401, 403, 404, 409, 410, 413, 418, 422, 600, 999] {
            assert!(matches!(fate(status, ""), Fate::Never(_)), "{status}");
        }
    }

    #[test]
    fn a_reason_quotes_the_beginning_of_a_body_whatever_it_is() {
        let Fate::Never(why) = fate(400, &"é".repeat(500)) else { panic!("it is final") };
        assert!(why.len() < 300, "{why}");
        let bytes = Response { status: 400, body: vec![0xff; 1_000] };
        assert!(matches!(Fate::by(Ok(bytes)), Fate::Never(_)));
    }
}

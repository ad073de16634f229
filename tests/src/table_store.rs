//! The table store that tests run on where they want another than the embedded one.

use std::io::Write as _;

/// The URL in `AWS_ENDPOINT_URL_DYNAMODB`.
#[must_use]
pub fn given() -> Option<String> {
    std::env::var("AWS_ENDPOINT_URL_DYNAMODB").ok().filter(|url| !url.is_empty())
}

/// The same, for a test that makes no sense on the embedded one. Says so if it is left out.
#[must_use]
pub fn wanted_by(test: &str) -> Option<String> {
    let given = given();
    if given.is_none() {
        // Printed with `println!` it would be seen of tests that fail only.
        writeln!(std::io::stderr(), "{test}: left out, it needs a table store in AWS_ENDPOINT_URL_DYNAMODB").ok();
    }
    given
}

//! How the harness fails a test.

/// Ends the test: what it needs could not be done.
#[track_caller]
#[expect(clippy::panic, reason = "a test harness: what cannot be done must fail its test")]
pub fn fail(why: impl std::fmt::Display) -> ! {
    panic!("{why}")
}

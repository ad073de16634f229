//! The program of `issue-coupon`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(issue_coupon::function()))
}

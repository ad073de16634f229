//! The program of `release-coupon`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(release_coupon::function()))
}

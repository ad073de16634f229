//! The program of `use-coupon`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(use_coupon::function()))
}

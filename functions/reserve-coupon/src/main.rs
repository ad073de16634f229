//! The program of `reserve-coupon`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(reserve_coupon::function()))
}

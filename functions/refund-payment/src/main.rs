//! The program of `refund-payment`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(refund_payment::function()))
}

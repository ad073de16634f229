//! The program of `orders-api`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(orders_api::function)
}

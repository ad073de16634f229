//! Whenever an order is still PENDING after its deadline, reject it.

use std::process::ExitCode;

use shop::order::{self, Order};
use whenever::Sweep;

fn main() -> ExitCode {
    whenever::run(|settings| {
        let interval = settings.seconds("SWEEP_INTERVAL_SECONDS")?;
        Ok(Sweep::named("sweep-deadlines", interval).whenever_due::<Order, _>(order::reach_deadline))
    })
}

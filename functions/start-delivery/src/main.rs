//! Whenever an order is created, start its delivery; an address in an undeliverable area fails it.

use std::process::ExitCode;

use shop::delivery::{self, UndeliverableAreas};
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|settings| {
        let areas = UndeliverableAreas::parse(settings.get("UNDELIVERABLE_AREAS").unwrap_or_default());
        Ok(Policy::named("start-delivery").whenever(move |event| delivery::start(event, &areas)))
    })
}

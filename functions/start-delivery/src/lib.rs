//! Whenever an order is created, start its delivery; an address in an undeliverable area fails it.

use shop::delivery::{self, UndeliverableAreas};
use whenever::{Policy, Settings};

/// The policy; `UNDELIVERABLE_AREAS` says where nothing can be delivered to, nowhere if it is absent.
#[must_use]
pub fn function(settings: &Settings) -> Policy {
    let areas = UndeliverableAreas::parse(settings.get("UNDELIVERABLE_AREAS").unwrap_or_default());
    Policy::named("start-delivery").whenever(move |event| delivery::start(event, &areas))
}

//! Whenever an order is still PENDING after its deadline, reject it.

use shop::order::{self, Order};
use whenever::{SettingError, Settings, Sweep};

/// The sweep, every `SWEEP_INTERVAL_SECONDS`.
///
/// # Errors
///
/// [`SettingError`] where that is missing or wrong.
pub fn function(settings: &Settings) -> Result<Sweep, SettingError> {
    let interval = settings.seconds("SWEEP_INTERVAL_SECONDS")?;
    Ok(Sweep::named("sweep-deadlines", interval).whenever_due::<Order, _>(order::reach_deadline))
}

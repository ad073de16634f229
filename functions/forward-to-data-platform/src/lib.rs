//! Whenever an order is placed, or cancelled after that, tell the data platform.

use std::sync::Arc;

use shop::data_platform;
use whenever::ports::Outside;
use whenever::{SettingError, Settings, Webhook};

/// The webhook to `outside`, which has `DATA_PLATFORM_TIMEOUT_SECONDS` to answer.
///
/// # Errors
///
/// [`SettingError`] where that is missing or wrong.
pub fn function(settings: &Settings, outside: Arc<dyn Outside>) -> Result<Webhook, SettingError> {
    Ok(Webhook::named("forward-to-data-platform", data_platform::TABLE, outside)
        .answered_within(settings.seconds("DATA_PLATFORM_TIMEOUT_SECONDS")?)
        // What the platform makes of a cancellation without its order, nobody here knows.
        .sequenced()
        .whenever(data_platform::confirmed)
        .whenever(data_platform::cancelled))
}

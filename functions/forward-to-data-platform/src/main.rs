//! Whenever an order is placed, or cancelled after that, tell the data platform.

use std::process::ExitCode;
use std::sync::Arc;

use shop::data_platform;
use whenever::{HttpOutside, Webhook};

fn main() -> ExitCode {
    whenever::run(|settings| {
        let platform = HttpOutside::from_settings(settings, "DATA_PLATFORM_URL")?;
        Ok(Webhook::named("forward-to-data-platform", data_platform::TABLE, Arc::new(platform))
            .answered_within(settings.seconds("DATA_PLATFORM_TIMEOUT_SECONDS")?)
            .whenever(data_platform::confirmed)
            .whenever(data_platform::cancelled))
    })
}

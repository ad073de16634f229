//! The program of `forward-to-data-platform`.

use std::process::ExitCode;
use std::sync::Arc;

use whenever::HttpOutside;

fn main() -> ExitCode {
    whenever::run(|settings| {
        let platform = HttpOutside::from_settings(settings, "DATA_PLATFORM_URL")?;
        forward_to_data_platform::function(settings, Arc::new(platform))
    })
}

//! The program of `coupons-api`.

use std::process::ExitCode;
use std::sync::Arc;

use whenever::KafkaBroker;

fn main() -> ExitCode {
    whenever::run(|settings| Ok(coupons_api::function(Arc::new(KafkaBroker::from_settings(settings)?))))
}

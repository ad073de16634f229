//! The program of `relay-outbox`.

use std::process::ExitCode;
use std::sync::Arc;

use whenever::KafkaBroker;

fn main() -> ExitCode {
    whenever::run(|settings| Ok(relay_outbox::function(Arc::new(KafkaBroker::from_settings(settings)?))))
}

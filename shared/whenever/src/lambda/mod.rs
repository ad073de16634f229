//! A function as AWS Lambda runs it: settings in, invocations through its adapter, one log line each.

mod function;
mod http;
mod kafka;
mod log;
mod schedule;

mod stream;
mod system;

use std::process::ExitCode;
use std::sync::Arc;

use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

pub use function::{Answer, Function, NotHandled, Payload};
pub use system::{SystemClock, SystemEntropy};

use crate::dynamodb::DynamoStore;
use crate::ports::Platform;
use crate::{Invocation, SettingError, Settings, Timestamp};

/// Runs the function that `build` makes until Lambda ends the process. A setting that is missing or wrong is said in one
/// line of the log, before the first invocation is asked for.
///
/// ```no_run
/// # use whenever::Policy;
/// fn main() -> std::process::ExitCode {
///     whenever::run(|_| Ok(Policy::named("place-order")))
/// }
/// ```
pub fn run<F: Function>(build: impl FnOnce(&Settings) -> Result<F, SettingError>) -> ExitCode {
    let settings = Settings::from_environment();
    let started = build(&settings).and_then(|function| Ok((function, platform(&settings)?)));
    let (function, platform) = match started {
        Ok(started) => started,
        Err(e) => return log::refuse_to_start(&e.to_string()),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return log::refuse_to_start(&format!("no async runtime: {e}")),
    };
    match runtime.block_on(serve(&function, &platform)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => log::refuse_to_start(&format!("the Lambda runtime ended: {e}")),
    }
}

fn platform(settings: &Settings) -> Result<Platform, SettingError> {
    Ok(Platform {
        store: Arc::new(DynamoStore::from_settings(settings)?),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    })
}

async fn serve<F: Function>(function: &F, platform: &Platform) -> Result<(), lambda_runtime::Error> {
    let handler = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let (payload, context) = event.into_parts();
        let deadline = Timestamp::from_millis(i64::try_from(context.deadline).unwrap_or(i64::MAX));
        let invocation = Invocation::ending_at(platform.clone(), deadline);
        let line = log::Line::start(function.name(), &context.request_id, platform);
        let payload = Payload(payload.get());
        let answer = function.invoke(&payload, &invocation).await;
        line.end(&answer, platform);
        answer.result
    });
    Runtime::new(handler).run().await
}

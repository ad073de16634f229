//! A function's program: settings in, invocations through its adapter, one log line each.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

use super::function::{Function, NotHandled, Payload};
use super::needs::TELL_NEEDS;
use super::system::{SystemClock, SystemEntropy};
use super::{check, log, metrics, needs};
use crate::dynamodb::DynamoStore;
use crate::ports::Platform;
use crate::{Invocation, SettingError, Settings, Timestamp};

/// Runs the function that `build` makes until Lambda ends the process. A setting that is missing or wrong, a table that is not there or
/// not allowed, a broker that refuses it: that is said in one line of the log, before the first invocation is asked for. With
/// [`TELL_NEEDS`] as its argument the program only says what the function needs.
///
/// ```no_run
/// # use whenever::Policy;
/// fn main() -> std::process::ExitCode {
///     whenever::run(|_| Ok(Policy::named("place-order")))
/// }
/// ```
pub fn run<F: Function>(build: impl FnOnce(&Settings) -> Result<F, SettingError>) -> ExitCode {
    let settings = Settings::from_environment();
    let ended = build(&settings).map_err(|e| e.to_string()).and_then(|function| start(&function, &settings));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => log::refuse_to_start(&why),
    }
}

fn start<F: Function>(function: &F, settings: &Settings) -> Result<(), String> {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == TELL_NEEDS) {
        needs::tell(function);
        return Ok(());
    }
    let store = DynamoStore::from_settings(settings).and_then(|store| store.limited_to(function.needs()));
    let store = store.map_err(|e| e.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| format!("no async runtime: {e}"))?;
    let ended = runtime.block_on(async {
        check::check(function, &store).await?;
        let platform =
            Platform { store: Arc::new(store), clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        let served = serve(function, &platform, settings.get(metrics::STACK)).await;
        served.map_err(|e| format!("the Lambda runtime ended: {e}"))
    });
    // A broker may still be waited for; why the function ends is not.
    runtime.shutdown_background();
    ended
}

async fn serve<F: Function>(
    function: &F,
    platform: &Platform,
    stack: Option<&str>,
) -> Result<(), lambda_runtime::Error> {
    let handler = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let (payload, context) = event.into_parts();
        let invocation = Invocation::ending_at(platform.clone(), deadline(context.deadline, platform.clock.now()));
        let line = log::Line::start(function.name(), &context.request_id, stack, platform);
        let payload = Payload(payload.get());
        let answer = function.invoke(&payload, &invocation).await;
        line.end(&answer, platform);
        answer.result
    });
    Runtime::new(handler).run().await
}

impl From<NotHandled> for Diagnostic {
    fn from(error: NotHandled) -> Self {
        Diagnostic { error_type: "NotHandled".to_owned(), error_message: error.0 }
    }
}

/// The longest that an invocation may take, 15 minutes (AWS's "Lambda quotas").
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// When the platform ends an invocation, from the deadline that it sends. `cargo lambda watch` sends how many milliseconds are
/// left; as a time of day no invocation has ever ended so early.
fn deadline(sent: u64, now: Timestamp) -> Timestamp {
    let left = Duration::from_millis(sent);
    if left <= LONGEST { now.plus(left) } else { Timestamp::from_millis(i64::try_from(sent).unwrap_or(i64::MAX)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_a_time_or_what_is_left() {
        let now = Timestamp::from_millis(1_767_258_000_000);
        assert_eq!(deadline(1_767_258_030_000, now).millis(), 1_767_258_030_000);
        assert_eq!(deadline(600_000, now), now.plus(Duration::from_secs(600)));
    }
}

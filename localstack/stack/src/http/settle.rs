//! Waits until the stack has nothing left to do.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Api;

/// How often it looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Waits until nothing is in flight and nothing is left to read; else what is left.
pub(super) async fn settle(api: &Api, timeout: Duration) -> Result<(), Vec<String>> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = left(api).await;
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(left);
        }
        sleep(PAUSE).await;
    }
}

/// What is left to do. Nothing is, if no invocation ran from before the first look to after the last: only an invocation
/// could have moved work from where was not looked yet to where was.
async fn left(api: &Api) -> Vec<String> {
    let started = api.functions.started();
    let before = in_flight(api);
    if !before.is_empty() {
        return before;
    }
    let pending = api.triggers.pending().await;
    if !pending.is_empty() {
        return pending;
    }
    if api.functions.started() != started {
        return vec!["an invocation ran just now".to_owned()];
    }
    in_flight(api)
}

fn in_flight(api: &Api) -> Vec<String> {
    let requests = api.requests.load(Ordering::SeqCst);
    let invocations = api.functions.in_flight();
    let counts = [(requests, "HTTP requests"), (invocations, "invocations")];
    let left = counts.into_iter().filter(|(count, _)| *count > 0);
    left.map(|(count, what)| format!("{count} {what} in flight")).collect()
}

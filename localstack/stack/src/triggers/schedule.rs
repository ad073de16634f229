//! Schedules: invokes a function at the start and then each period; an invocation that fails is repeated at once.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::{Instant, MissedTickBehavior};

use super::target::Target;
use crate::function::{InvokeError, Source};
use crate::template::{Schedule, arn};

/// Fires until the task is ended or the stack stops.
pub(super) async fn run(function: String, schedule: Schedule, functions: impl Target) {
    let mut period = tokio::time::interval(schedule.period);
    // As in AWS, what falls into a running invocation runs beside it; here it is left out, the running one goes on.
    period.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        period.tick().await;
        let mut pause = Duration::from_millis(50);
        loop {
            functions.until_running(&function).await;
            let started = Instant::now();
            match functions.invoke(&function, event(&schedule), Source::Schedule).await {
                Ok(_) => break,
                Err(InvokeError::Stopping) => return,
                Err(_) => {
                    // One that ran for a while was killed; one that ends at once keeps failing.
                    let grown =
                        if started.elapsed() > Duration::from_secs(1) { Duration::from_millis(50) } else { pause * 2 };
                    pause = grown.min(Duration::from_secs(5));
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }
}

/// The schedule's own input, or the event that EventBridge sends.
fn event(schedule: &Schedule) -> Bytes {
    if let Some(input) = &schedule.input {
        return Bytes::from(input.clone());
    }
    let now = OffsetDateTime::now_utc();
    let time = now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default();
    let event = json!({
        "version": "0", "id": uuid::Uuid::new_v4().to_string(), "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "000000000000", "time": time, "region": arn::REGION,
        "resources": [format!("arn:aws:events:{}:000000000000:rule/local", arn::REGION)], "detail": {},
    });
    Bytes::from(event.to_string())
}

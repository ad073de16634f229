//! Schedules: a scheduled event sweeps until its minute is over, any other event sweeps once.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::function::{Answer, Function, NotHandled, Payload};
use crate::{Invocation, Needs, Sweep, Timestamp};

/// EventBridge fires at most once a minute (AWS limit).
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct ScheduledEvent {
    #[serde(default)]
    time: Option<Timestamp>,
}

impl Function for Sweep {
    fn name(&self) -> &'static str {
        Sweep::name(self)
    }

    fn needs(&self) -> Needs {
        Sweep::needs(self)
    }

    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer {
        let event: ScheduledEvent = match payload.read("scheduled event") {
            Ok(event) => event,
            Err(e) => return Answer::of(Err(e)),
        };
        let end = event.time.map(|_| invocation.platform.clock.now().plus(MINUTE));
        let swept = self.run(end, invocation).await;
        let overdue = swept.as_ref().map(|swept| swept.overdue).unwrap_or_default();
        let result = swept.map(|swept| json!(swept)).map_err(|e| NotHandled(e.to_string()));
        Answer { overdue, ..Answer::of(result) }
    }
}

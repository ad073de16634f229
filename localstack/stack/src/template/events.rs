//! Reads a function's `Events`: HTTP routes, schedules, and the SAM forms of stream and Kafka triggers.

use std::time::Duration;

use super::error::Error;
use super::fields::Fields;
use super::model::{Schedule, Trigger};
use super::{polling, routes};

/// One event of a function; none where it is switched off.
pub(super) fn read(event: Fields<'_>, function: &str) -> Result<Option<Trigger>, Error> {
    let kind = event.required("Type", "HttpApi")?;
    let empty = serde_json::Map::new();
    let properties = event.object("Properties")?.unwrap_or(Fields::new(&empty));
    let trigger = match kind.as_str() {
        "HttpApi" => routes::event(properties).map(|route| Some(Trigger::Http(route))),
        "Schedule" | "ScheduleV2" => schedule(properties).map(|schedule| schedule.map(Trigger::Schedule)),
        "DynamoDB" => {
            let arn = properties.required("Stream", "!GetAtt Table.StreamArn");
            arn.and_then(|arn| polling::stream(properties, &arn)).map(|trigger| Some(Trigger::Stream(trigger)))
        }
        "MSK" | "SelfManagedKafka" => polling::kafka(properties, function).map(|trigger| Some(Trigger::Kafka(trigger))),
        other => {
            let supported = "HttpApi, Schedule, ScheduleV2, DynamoDB, MSK and SelfManagedKafka";
            return Err(Error::new(format!("{other} is not supported; supported are {supported}")).under("Type"));
        }
    };
    trigger.map_err(|error| error.under("Properties"))
}

fn schedule(properties: Fields<'_>) -> Result<Option<Schedule>, Error> {
    let disabled = properties.flag("Enabled")? == Some(false)
        || properties.text("State")?.is_some_and(|state| state == "DISABLED");
    if disabled {
        return Ok(None);
    }
    let key = if properties.get("ScheduleExpression").is_some() { "ScheduleExpression" } else { "Schedule" };
    let expression = properties.required(key, "rate(1 minute)")?;
    let period = rate(&expression).ok_or_else(|| {
        Error::new(format!("{expression} is not supported; write rate(N minutes), (N hours) or (N days)")).under(key)
    })?;
    Ok(Some(Schedule { period, input: properties.text("Input")? }))
}

/// `rate(5 minutes)`.
fn rate(expression: &str) -> Option<Duration> {
    let (count, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.trim().split_once(' ')?;
    let seconds = match unit.trim() {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    let count: u64 = count.parse().ok()?;
    (count > 0).then(|| Duration::from_secs(count.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::rate;
    use std::time::Duration;

    #[test]
    fn rates() {
        assert_eq!(rate("rate(1 minute)"), Some(Duration::from_secs(60)));
        assert_eq!(rate("rate(2 hours)"), Some(Duration::from_secs(7200)));
        assert_eq!(rate("cron(0 12 * * ? *)"), None);
        assert_eq!(rate("rate(0 minutes)"), None);
        assert_eq!(rate("rate(5 seconds)"), None);
    }
}

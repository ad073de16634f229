//! Reads what Kafka and stream triggers share, whether written as an event or as a mapping of its own.

use std::time::Duration;

use super::arn;
use super::error::Error;
use super::fields::Fields;
use super::filter::Filter;
use super::model::{KafkaSource, KafkaTrigger, Pollers, Polling, StreamTrigger};

/// Lambda's own limit where a Kafka trigger has a failure destination but sets none.
const RETRIES_WITH_DESTINATION: u32 = 10;

/// A trigger on a topic.
pub(super) fn kafka(properties: Fields<'_>, function: &str) -> Result<KafkaTrigger, Error> {
    let topic = match properties.list("Topics")? {
        [serde_json::Value::String(topic)] => topic.clone(),
        _ => return Err(Error::new("needs a list of exactly one topic's name").under("Topics")),
    };
    let mut group = properties.text("ConsumerGroupId")?;
    for key in ["AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"] {
        if let Some(config) = properties.object(key)? {
            group = config.text("ConsumerGroupId").map_err(|error| error.under(key))?.or(group);
        }
    }
    // As AWS has it: half a second where the template does not say.
    let mut polling = polling(properties, Duration::from_millis(500))?;
    if polling.on_failure.is_some() && polling.retries.is_none() {
        polling.retries = Some(RETRIES_WITH_DESTINATION);
    }
    let source = KafkaSource {
        cluster: properties.text("EventSourceArn")?,
        access: properties.objects("SourceAccessConfigurations", |access| {
            Ok((access.required("Type", "SASL_SCRAM_512_AUTH")?, access.required("URI", "!Ref KafkaSecretArn")?))
        })?,
    };
    let group = group.unwrap_or_else(|| function.to_owned());
    Ok(KafkaTrigger { topic, group, pollers: pollers(properties)?, polling, source })
}

fn pollers(properties: Fields<'_>) -> Result<Option<Pollers>, Error> {
    let read = || {
        let Some(config) = properties.object("ProvisionedPollerConfig")? else { return Ok(None) };
        // From 1 to 200, and 1 where the template does not say (AWS).
        let minimum = u32::try_from(config.number_in("MinimumPollers", 1, 200, 1)?).unwrap_or(1);
        Ok(Some(Pollers { minimum, group: config.text("PollerGroupName")?.filter(|group| !group.is_empty()) }))
    };
    read().map_err(|error: Error| error.under("ProvisionedPollerConfig"))
}

/// A trigger on the stream with this ARN.
pub(super) fn stream(properties: Fields<'_>, stream_arn: &str) -> Result<StreamTrigger, Error> {
    let table = arn::stream_table(stream_arn)
        .ok_or_else(|| Error::new(format!("{stream_arn} is not a stream; write !GetAtt Table.StreamArn")))?;
    Ok(StreamTrigger {
        table: table.to_owned(),
        parallel: usize::try_from(properties.number_in("ParallelizationFactor", 1, 10, 1)?).unwrap_or(1),
        polling: polling(properties, Duration::ZERO)?,
    })
}

fn polling(properties: Fields<'_>, window: Duration) -> Result<Polling, Error> {
    if properties.get("TumblingWindowInSeconds").is_some() {
        return Err(Error::new("is not supported; remove it").under("TumblingWindowInSeconds"));
    }
    let from_start = match properties.required("StartingPosition", "TRIM_HORIZON")?.as_str() {
        "TRIM_HORIZON" => true,
        "LATEST" => false,
        other => {
            let problem = format!("{other} is not supported; write TRIM_HORIZON or LATEST");
            return Err(Error::new(problem).under("StartingPosition"));
        }
    };
    Ok(Polling {
        batch_size: usize::try_from(properties.number_in("BatchSize", 1, 10_000, 100)?).unwrap_or(1),
        window: match properties.number("MaximumBatchingWindowInSeconds")? {
            Some(_) => {
                let seconds = properties.number_in("MaximumBatchingWindowInSeconds", 0, 300, 0)?;
                Duration::from_secs(seconds.unsigned_abs())
            }
            None => window,
        },
        filter: filter(properties)?,
        partial_answers: properties.list("FunctionResponseTypes")?.iter().any(|kind| kind == "ReportBatchItemFailures"),
        retries: u32::try_from(properties.number_in("MaximumRetryAttempts", -1, 10_000, -1)?).ok(),
        record_age: u64::try_from(properties.number_in("MaximumRecordAgeInSeconds", -1, 604_800, -1)?)
            .ok()
            .map(Duration::from_secs),
        bisect: properties.flag("BisectBatchOnFunctionError")?.unwrap_or(false),
        on_failure: on_failure(properties)?,
        from_start,
        enabled: properties.flag("Enabled")?.unwrap_or(true),
    })
}

fn filter(properties: Fields<'_>) -> Result<Filter, Error> {
    let Some(criteria) = properties.object("FilterCriteria")? else { return Ok(Filter::default()) };
    let read = || {
        let hint = r#"'{"value":{"type":["OrderPlaced"]}}'"#;
        let patterns = criteria.objects("Filters", |filter| filter.required("Pattern", hint))?;
        Filter::parse(&patterns).map_err(|problem| Error::new(problem).under("Filters"))
    };
    read().map_err(|error| error.under("FilterCriteria"))
}

fn on_failure(properties: Fields<'_>) -> Result<Option<String>, Error> {
    let read = || {
        let Some(config) = properties.object("DestinationConfig")? else { return Ok(None) };
        let Some(failure) = config.object("OnFailure")? else { return Ok(None) };
        let destination = failure.required("Destination", "kafka://dead-letters")?;
        let topic = destination.strip_prefix("kafka://").ok_or_else(|| {
            Error::new(format!("{destination} is not supported; write kafka://TOPIC")).under("Destination")
        })?;
        Ok(Some(topic.to_owned()))
    };
    read().map_err(|error: Error| error.under("DestinationConfig"))
}

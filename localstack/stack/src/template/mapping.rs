//! Reads `AWS::Lambda::EventSourceMapping`: a trigger that stands beside its function.

use super::arn;
use super::error::Error;
use super::fields::Fields;
use super::model::{Template, Trigger};
use super::polling;
use super::read::Resource;
use super::resolve::Resolver;

pub(super) const KIND: &str = "AWS::Lambda::EventSourceMapping";

const PROPERTIES: [&str; 18] = [
    "AmazonManagedKafkaEventSourceConfig",
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "Topics",
];

/// Adds the mapping to its function's triggers.
pub(super) fn read(resource: &Resource<'_>, resolver: &Resolver, template: &mut Template) -> Result<(), Error> {
    let properties = resource.properties(resolver, &PROPERTIES)?;
    attach(Fields::new(&properties), template).map_err(|error| resource.within(error))
}

fn attach(properties: Fields<'_>, template: &mut Template) -> Result<(), Error> {
    let target = properties.required("FunctionName", "!Ref Function")?;
    let name = arn::function_name(&target);
    let function = template.functions.iter_mut().find(|function| function.name == name).ok_or_else(|| {
        Error::new(format!("{target} is not a function of this template; write !Ref Function")).under("FunctionName")
    })?;
    // Which broker it is, MSK or self-managed, does not matter here: a Kafka trigger is one that has topics.
    let trigger = if properties.get("Topics").is_some() {
        Trigger::Kafka(polling::kafka(properties, name)?)
    } else {
        let hint = "!GetAtt Table.StreamArn, or add Topics";
        let source = properties.required("EventSourceArn", hint)?;
        Trigger::Stream(polling::stream(properties, &source).map_err(|error| error.under("EventSourceArn"))?)
    };
    function.triggers.push(trigger);
    Ok(())
}

//! Reads `Metadata.Whenever`: topics, indexes of deadlines, the table of dead letters, outside systems.

use serde_yaml_ng::Value as Yaml;

use super::error::Error;
use super::fields::Fields;
use super::model::{DeadlineIndex, OutsideSystem, Template, Topic, Trigger};
use super::resolve::Resolver;

/// Partitions of a topic that a trigger names but the metadata does not.
const PARTITIONS: i32 = 4;

/// Completes the template with its metadata, and checks what triggers refer to.
pub(super) fn read(document: &Yaml, resolver: &Resolver, template: &mut Template) -> Result<(), Error> {
    let metadata = document.get("Metadata").and_then(|metadata| metadata.get("Whenever"));
    if let Some(metadata) = metadata {
        let mut add = || {
            let metadata = resolver.resolve(metadata)?.unwrap_or_default();
            add_metadata(Fields::of(&metadata)?, resolver, template)
        };
        add().map_err(|error: Error| error.under("Whenever").under("Metadata"))?;
    }
    add_missing_topics(template);
    check_streams(template)
}

fn add_metadata(metadata: Fields<'_>, resolver: &Resolver, template: &mut Template) -> Result<(), Error> {
    if let Some(serde_json::Value::Object(topics)) = metadata.get("Topics") {
        for (name, settings) in topics {
            let partitions =
                Fields::of(settings).and_then(|settings| settings.number_in("Partitions", 1, 1000, PARTITIONS.into()));
            let partitions = partitions.map_err(|error| error.under(name).under("Topics"))?;
            let partitions = i32::try_from(partitions).unwrap_or(PARTITIONS);
            template.topics.push(Topic { name: name.clone(), partitions });
        }
    }
    template.deadlines = metadata.objects("Deadlines", |deadline| {
        let (table, index) = (deadline.required("Table", "!Ref Orders")?, deadline.required("Index", "due")?);
        let known = template.tables.iter().find(|known| known.name == table);
        if known.is_some_and(|known| known.indexes.iter().any(|known| known.name == index)) {
            Ok(DeadlineIndex { table, index })
        } else {
            Err(Error::new(format!("the table {table} with an index {index} is not in this template")))
        }
    })?;
    if let Some(serde_json::Value::Object(systems)) = metadata.get("Outside") {
        for (name, parameter) in systems {
            let known = parameter.as_str().filter(|parameter| resolver.parameters.contains_key(*parameter));
            let problem =
                || format!("{parameter} is not a parameter of this template; name the one that holds the URL");
            let parameter = known.ok_or_else(|| Error::new(problem()).under(name).under("Outside"))?.to_owned();
            template.outside.push(OutsideSystem { name: name.clone(), parameter });
        }
    }
    template.dead_letters = metadata.text("DeadLetters")?;
    match &template.dead_letters {
        Some(name) if !template.tables.iter().any(|table| table.name == *name) => {
            Err(Error::new(format!("{name} is not a table of this template; write !Ref Table")).under("DeadLetters"))
        }
        _ => Ok(()),
    }
}

fn add_missing_topics(template: &mut Template) {
    let triggers = template.functions.iter().flat_map(|function| &function.triggers);
    let named: Vec<String> = triggers
        .flat_map(|trigger| match trigger {
            Trigger::Kafka(kafka) => [Some(kafka.topic.clone()), kafka.polling.on_failure.clone()],
            Trigger::Stream(stream) => [stream.polling.on_failure.clone(), None],
            Trigger::Http(_) | Trigger::Schedule(_) => [None, None],
        })
        .flatten()
        .collect();
    for name in named {
        if !template.topics.iter().any(|topic| topic.name == name) {
            template.topics.push(Topic { name, partitions: PARTITIONS });
        }
    }
}

fn check_streams(template: &Template) -> Result<(), Error> {
    for function in &template.functions {
        for trigger in &function.triggers {
            let Trigger::Stream(stream) = trigger else { continue };
            let known = template.tables.iter().find(|table| table.name == stream.table);
            if known.is_none_or(|table| table.stream.is_none()) {
                let problem =
                    format!("reads the stream of table {}, which has none; add StreamSpecification", stream.table);
                return Err(Error::new(problem).under(&function.logical_id));
            }
        }
    }
    Ok(())
}

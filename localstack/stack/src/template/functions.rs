//! Reads `AWS::Serverless::Function`: its folder, environment, limits and events.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};
use serde_yaml_ng::Mapping;

use super::error::Error;
use super::events;
use super::fields::Fields;
use super::model::Function;
use super::read::Resource;
use super::resolve::Resolver;
use super::role::Permissions;

pub(super) const KIND: &str = "AWS::Serverless::Function";

/// The properties that mean something here.
const PROPERTIES: [&str; 7] =
    ["Environment", "Events", "LoggingConfig", "MemorySize", "ReservedConcurrentExecutions", "Timeout", "VpcConfig"];

/// The most processes of a function whose template sets no limit.
const CONCURRENCY: i64 = 4;

/// A function's name: the last folder of its `CodeUri`.
pub(super) fn name(resource: &Resource<'_>, resolver: &Resolver) -> Result<String, Error> {
    let uri = code_uri(resource, resolver)?;
    let folder = uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    match folder {
        "" | "." | ".." => {
            let problem = format!("{uri} names no folder; write functions/NAME/");
            Err(resource.within(Error::new(problem).under("CodeUri")))
        }
        folder => Ok(folder.to_owned()),
    }
}

/// One function with the triggers that are its own events.
pub(super) fn read(
    resource: &Resource<'_>,
    globals: Option<&Mapping>,
    folder: &Path,
    resolver: &Resolver,
) -> Result<Function, Error> {
    let uri = code_uri(resource, resolver)?;
    if !folder.join(&uri).is_dir() {
        let problem = format!("there is no folder {uri}; create it, or name the function's folder");
        return Err(resource.within(Error::new(problem).under("CodeUri")));
    }
    let mut properties = match globals {
        Some(globals) => resolver
            .fields(globals, |key| PROPERTIES.contains(&key))
            .map_err(|error| error.under("Function").under("Globals"))?,
        None => Map::new(),
    };
    merge(&mut properties, resource.properties(resolver, &PROPERTIES)?);
    let name = name(resource, resolver)?;
    read_properties(resource.logical_id, name, Fields::new(&properties)).map_err(|error| resource.within(error))
}

fn read_properties(logical_id: &str, name: String, properties: Fields<'_>) -> Result<Function, Error> {
    let timeout = properties.number_in("Timeout", 1, 900, 3)?;
    let memory = properties.number_in("MemorySize", 128, 10_240, 128)?;
    let concurrency = properties.number_in("ReservedConcurrentExecutions", 1, 1000, CONCURRENCY)?;
    let logging = properties.object("LoggingConfig")?;
    let log_group = logging.map(|logging| logging.text("LogGroup")).transpose()?.flatten();
    let mut triggers = Vec::new();
    if let Some(Value::Object(named)) = properties.get("Events") {
        for (event, body) in named {
            let trigger = Fields::of(body).and_then(|body| events::read(body, &name));
            triggers.extend(trigger.map_err(|error| error.under(event).under("Events"))?);
        }
    }
    Ok(Function {
        environment: environment(properties)?,
        logical_id: logical_id.to_owned(),
        timeout: Duration::from_secs(timeout.unsigned_abs()),
        memory_mib: u32::try_from(memory).unwrap_or(u32::MAX),
        concurrency: usize::try_from(concurrency).unwrap_or(1),
        triggers,
        name,
        permissions: Permissions::default(),
        log_group,
        in_vpc: properties.get("VpcConfig").is_some(),
    })
}

fn environment(properties: Fields<'_>) -> Result<BTreeMap<String, String>, Error> {
    let Some(environment) = properties.object("Environment")? else { return Ok(BTreeMap::new()) };
    let Some(variables) = environment.get("Variables") else { return Ok(BTreeMap::new()) };
    let read = || -> Result<BTreeMap<String, String>, Error> {
        let fields = Fields::of(variables)?;
        let names = variables.as_object().into_iter().flat_map(Map::keys);
        names.map(|name| Ok((name.clone(), fields.text(name)?.unwrap_or_default()))).collect()
    };
    read().map_err(|error| error.under("Variables").under("Environment"))
}

fn code_uri(resource: &Resource<'_>, resolver: &Resolver) -> Result<String, Error> {
    let properties = resource.properties(resolver, &["CodeUri"])?;
    Fields::new(&properties).required("CodeUri", "functions/NAME/").map_err(|error| resource.within(error))
}

/// Lays a function's own properties over the global ones; objects are merged, as SAM does.
fn merge(below: &mut Map<String, Value>, above: Map<String, Value>) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

//! Reads a template's file: parameters, conditions, then the resources that run here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value as Json};
use serde_yaml_ng::{Mapping, Value as Yaml};

use super::error::Error;
use super::model::{Function, Template};
use super::resolve::{Resolver, Target};
use super::{functions, mapping, metadata, parameters, roles, routes, rules, tables};

const ALARM: &str = "AWS::CloudWatch::Alarm";

/// One resource as it is written.
#[derive(Clone, Copy)]
pub(super) struct Resource<'a> {
    pub(super) logical_id: &'a str,
    pub(super) kind: &'a str,
    properties: Option<&'a Mapping>,
}

impl Resource<'_> {
    /// Some of its properties, resolved.
    pub(super) fn properties(&self, resolver: &Resolver, wanted: &[&str]) -> Result<Map<String, Json>, Error> {
        let Some(properties) = self.properties else { return Ok(Map::new()) };
        let resolved = resolver.fields(properties, |key| wanted.contains(&key));
        resolved.map_err(|error| self.within(error))
    }

    /// The same error, in this resource's properties.
    pub(super) fn within(&self, error: Error) -> Error {
        error.under("Properties").under(self.logical_id)
    }
}

impl Template {
    /// Reads the template at `path`; `values` stand in place of the parameters' defaults.
    pub fn read(path: &Path, values: &BTreeMap<String, String>) -> Result<Self, Error> {
        let problem = |problem: String| Error::new(format!("{}: {problem}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| problem(error.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, folder, values).map_err(|error| problem(error.to_string()))
    }

    /// Reads a template's text; `folder` is where its `CodeUri`s start.
    pub fn parse(text: &str, folder: &Path, values: &BTreeMap<String, String>) -> Result<Self, Error> {
        let mut document: Yaml = serde_yaml_ng::from_str(text).map_err(|error| Error::new(error.to_string()))?;
        document.apply_merge().map_err(|error| Error::new(format!("a merge key <<: {error}")))?;
        let mut resolver =
            Resolver { parameters: parameters::read(section(&document, "Parameters"), values)?, ..Resolver::default() };
        for (name, map) in section(&document, "Mappings") {
            let map = resolver.resolve(map).map_err(|error| error.under(name).under("Mappings"))?;
            resolver.mappings.insert(name.to_owned(), map.unwrap_or_default());
        }
        rules::check(section(&document, "Rules"), values, &resolver)?;
        decide_conditions(&document, &mut resolver)?;
        let resources = existing(&document, &resolver)?;
        let mut names = BTreeSet::new();
        for resource in &resources {
            let target = match resource.kind {
                functions::KIND => Target::Function(functions::name(resource, &resolver)?),
                tables::KIND | tables::SIMPLE_KIND => Target::Table(tables::name(resource, &resolver)?),
                _ => Target::Other,
            };
            let name = match &target {
                Target::Function(name) | Target::Table(name) => name.as_str(),
                Target::Other => resource.logical_id,
            };
            if !names.insert((resource.kind, name.to_owned())) {
                let problem = format!("another {} has the name {name}; give each its own", resource.kind);
                return Err(Error::new(problem).under(resource.logical_id));
            }
            resolver.targets.insert(resource.logical_id.to_owned(), target);
        }
        let mut template = Self::default();
        let globals = document.get("Globals").and_then(|globals| globals.get("Function")).and_then(Yaml::as_mapping);
        for resource in &resources {
            match resource.kind {
                functions::KIND => {
                    let permissions = roles::of(resource, &resources, &resolver);
                    let function = functions::read(resource, globals, folder, &resolver)?;
                    template.functions.push(Function { permissions, ..function });
                }
                tables::KIND => template.tables.push(tables::read(resource, &resolver)?),
                tables::SIMPLE_KIND => template.tables.push(tables::read_simple(resource, &resolver)?),
                ALARM => template.alarms += 1,
                "AWS::Lambda::Function" => return Err(unsupported(resource, "AWS::Serverless::Function")),
                "AWS::Serverless::Api" => return Err(unsupported(resource, "AWS::Serverless::HttpApi")),
                _ => {}
            }
        }
        for resource in &resources {
            match resource.kind {
                mapping::KIND => mapping::read(resource, &resolver, &mut template)?,
                routes::KIND => routes::read(resource, &resources, &resolver, &mut template)?,
                _ => {}
            }
        }
        metadata::read(&document, &resolver, &mut template)?;
        Ok(template)
    }
}

/// The entries of a top-level section.
fn section<'a>(document: &'a Yaml, name: &str) -> impl Iterator<Item = (&'a str, &'a Yaml)> {
    let entries = document.get(name).and_then(Yaml::as_mapping);
    entries.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str()?, value)))
}

/// Decides the conditions, which may name each other in any order.
fn decide_conditions(document: &Yaml, resolver: &mut Resolver) -> Result<(), Error> {
    let mut open: Vec<_> = section(document, "Conditions").collect();
    while !open.is_empty() {
        let before = open.len();
        let mut problem = None;
        open.retain(|(name, definition)| match resolver.condition(definition) {
            Ok(met) => {
                resolver.conditions.insert((*name).to_owned(), met);
                false
            }
            Err(error) => {
                problem.get_or_insert(error.under(name).under("Conditions"));
                true
            }
        });
        if let (Some(problem), true) = (problem, open.len() == before) {
            return Err(problem);
        }
    }
    Ok(())
}

/// The resources whose condition is met.
fn existing<'a>(document: &'a Yaml, resolver: &Resolver) -> Result<Vec<Resource<'a>>, Error> {
    let mut resources = Vec::new();
    for (logical_id, body) in section(document, "Resources") {
        let kind = body.get("Type").and_then(Yaml::as_str);
        let kind = kind.ok_or_else(|| Error::new("has no Type").under(logical_id))?;
        let exists = match body.get("Condition").and_then(Yaml::as_str) {
            Some(name) => resolver.named_condition(name).map_err(|error| error.under(logical_id))?,
            None => true,
        };
        if exists {
            let properties = body.get("Properties").and_then(Yaml::as_mapping);
            resources.push(Resource { logical_id, kind, properties });
        }
    }
    Ok(resources)
}

fn unsupported(resource: &Resource<'_>, instead: &str) -> Error {
    let problem = format!("{} does not run here; use {instead}", resource.kind);
    Error::new(problem).under("Type").under(resource.logical_id)
}

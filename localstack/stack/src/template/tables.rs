//! Reads `AWS::DynamoDB::Table` and `AWS::Serverless::SimpleTable`.

use super::error::Error;
use super::fields::Fields;
use super::model::{Index, Table};
use super::read::Resource;
use super::resolve::Resolver;

pub(super) const KIND: &str = "AWS::DynamoDB::Table";
pub(super) const SIMPLE_KIND: &str = "AWS::Serverless::SimpleTable";

const PROPERTIES: [&str; 7] = [
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "PointInTimeRecoverySpecification",
    "StreamSpecification",
    "TimeToLiveSpecification",
];

/// A table's name: `TableName`, else its logical id.
pub(super) fn name(resource: &Resource<'_>, resolver: &Resolver) -> Result<String, Error> {
    let properties = resource.properties(resolver, &["TableName"])?;
    let name = Fields::new(&properties).text("TableName").map_err(|error| resource.within(error))?;
    Ok(name.unwrap_or_else(|| resource.logical_id.to_owned()))
}

/// A table with its indexes, stream and TTL.
pub(super) fn read(resource: &Resource<'_>, resolver: &Resolver) -> Result<Table, Error> {
    let properties = resource.properties(resolver, &PROPERTIES)?;
    let name = name(resource, resolver)?;
    read_properties(resource.logical_id, name, Fields::new(&properties)).map_err(|error| resource.within(error))
}

fn read_properties(logical_id: &str, name: String, properties: Fields<'_>) -> Result<Table, Error> {
    if !properties.list("LocalSecondaryIndexes")?.is_empty() {
        return Err(Error::new("is not supported; use GlobalSecondaryIndexes").under("LocalSecondaryIndexes"));
    }
    let stream = match properties.object("StreamSpecification")? {
        Some(stream) => {
            Some(stream.required("StreamViewType", "NEW_IMAGE").map_err(|error| error.under("StreamSpecification"))?)
        }
        None => None,
    };
    let ttl = match properties.object("TimeToLiveSpecification")? {
        Some(ttl) if ttl.flag("Enabled")? == Some(true) => {
            Some(ttl.required("AttributeName", "expiresAt").map_err(|error| error.under("TimeToLiveSpecification"))?)
        }
        _ => None,
    };
    let table = Table {
        name,
        logical_id: logical_id.to_owned(),
        attributes: properties.objects("AttributeDefinitions", |attribute| {
            Ok((attribute.required("AttributeName", "id")?, attribute.required("AttributeType", "S")?))
        })?,
        key: key(properties)?,
        indexes: properties.objects("GlobalSecondaryIndexes", index)?,
        stream,
        ttl,
        backed_up: match properties.object("PointInTimeRecoverySpecification")? {
            Some(recovery) => recovery.flag("PointInTimeRecoveryEnabled")?.unwrap_or(false),
            None => false,
        },
    };
    let keys = table.key.iter().chain(table.indexes.iter().flat_map(|index| &index.key));
    for attribute in keys {
        if !table.attributes.iter().any(|(name, _)| name == attribute) {
            let problem = format!("has no type for the key attribute {attribute}; add it");
            return Err(Error::new(problem).under("AttributeDefinitions"));
        }
    }
    Ok(table)
}

/// A SAM table with nothing but a partition key.
pub(super) fn read_simple(resource: &Resource<'_>, resolver: &Resolver) -> Result<Table, Error> {
    let properties = resource.properties(resolver, &["PrimaryKey"])?;
    let key = match Fields::new(&properties).object("PrimaryKey").map_err(|error| resource.within(error))? {
        Some(key) => {
            let kind = match key.text("Type")?.as_deref() {
                Some("Number") => "N",
                Some("Binary") => "B",
                _ => "S",
            };
            (key.text("Name")?.unwrap_or_else(|| "id".to_owned()), kind.to_owned())
        }
        None => ("id".to_owned(), "S".to_owned()),
    };
    Ok(Table {
        name: name(resource, resolver)?,
        logical_id: resource.logical_id.to_owned(),
        key: vec![key.0.clone()],
        attributes: vec![key],
        indexes: Vec::new(),
        stream: None,
        ttl: None,
        backed_up: false,
    })
}

fn index(index: Fields<'_>) -> Result<Index, Error> {
    let projection = index.object("Projection")?;
    let kind = projection.map(|projection| projection.text("ProjectionType")).transpose()?.flatten();
    let include = projection.map(|projection| projection.list("NonKeyAttributes")).transpose()?.unwrap_or_default();
    Ok(Index {
        name: index.required("IndexName", "by-customer")?,
        key: key(index)?,
        projection: kind.unwrap_or_else(|| "ALL".to_owned()),
        include: include.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
    })
}

/// A `KeySchema`, partition key first.
fn key(owner: Fields<'_>) -> Result<Vec<String>, Error> {
    let mut keys = owner.objects("KeySchema", |part| {
        Ok((part.required("KeyType", "HASH")? != "HASH", part.required("AttributeName", "id")?))
    })?;
    keys.sort();
    match keys.as_slice() {
        [(false, _)] | [(false, _), (true, _)] => Ok(keys.into_iter().map(|(_, name)| name).collect()),
        _ => Err(Error::new("needs one HASH key and at most one RANGE key").under("KeySchema")),
    }
}

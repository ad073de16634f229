//! Tables: created with their keys, indexes, stream and time to live, and awaited until they can be used.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    StreamSpecification, StreamViewType, TableStatus, TimeToLiveSpecification,
};
use tokio::time::{sleep, timeout};

use crate::Say;
use crate::store::{self, StoreError, reason};
use crate::template::{Index, Table};

/// How long an endpoint may take for its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(5);
/// How long a table may take until it can be used.
const ACTIVE: Duration = Duration::from_secs(60);

/// Creates the tables that the store at this endpoint lacks and says which.
pub async fn tables(endpoint: &str, tables: &[Table], say: &Say) -> Result<(), StoreError> {
    let client = store::dynamodb(endpoint);
    answers(&client, endpoint).await?;
    let mut created = Vec::new();
    for table in tables {
        let failed = |why: String| StoreError::call(format!("creating table {}", table.name), why);
        match request(&client, table).map_err(|error| failed(error.to_string()))?.send().await {
            Ok(_) => created.push(table.name.as_str()),
            Err(error) if error.code() == Some("ResourceInUseException") => continue,
            Err(error) => return Err(failed(reason(&error))),
        }
        timeout(ACTIVE, active(&client, &table.name))
            .await
            .map_err(|_| failed(format!("it is not active after {} s", ACTIVE.as_secs())))?;
        expire(&client, table).await?;
    }
    if !created.is_empty() {
        say(&format!("created tables {}", created.join(", ")));
    }
    Ok(())
}

async fn answers(client: &Client, endpoint: &str) -> Result<(), StoreError> {
    let silent = |why: String| StoreError::Silent { endpoint: endpoint.to_owned(), why };
    match timeout(FIRST_ANSWER, client.list_tables().limit(1).send()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error @ SdkError::ServiceError(_))) => Err(StoreError::call("listing tables", reason(&error))),
        Ok(Err(error)) => Err(silent(reason(&error))),
        Err(_) => Err(silent(format!("no answer within {} s", FIRST_ANSWER.as_secs()))),
    }
}

fn request(client: &Client, table: &Table) -> Result<CreateTableFluentBuilder, BuildError> {
    let mut request = client
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key_schema(&table.key)?));
    for (name, kind) in &table.attributes {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(kind.as_str().into());
        request = request.attribute_definitions(attribute.build()?);
    }
    for index in &table.indexes {
        request = request.global_secondary_indexes(secondary(index)?);
    }
    if let Some(view) = &table.stream {
        let view = StreamViewType::from(view.as_str());
        request = request
            .stream_specification(StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build()?);
    }
    Ok(request)
}

fn secondary(index: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let include = (!index.include.is_empty()).then(|| index.include.clone());
    let projection = Projection::builder()
        .projection_type(ProjectionType::from(index.projection.as_str()))
        .set_non_key_attributes(include)
        .build();
    GlobalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(&index.key)?))
        .projection(projection)
        .build()
}

fn key_schema(key: &[String]) -> Result<Vec<KeySchemaElement>, BuildError> {
    let kinds = [KeyType::Hash, KeyType::Range];
    let element = |(name, kind)| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    key.iter().zip(kinds).map(element).collect()
}

async fn active(client: &Client, table: &str) {
    loop {
        let described = client.describe_table().table_name(table).send().await.ok();
        let status = described.as_ref().and_then(|answer| answer.table()?.table_status());
        if status == Some(&TableStatus::Active) {
            return;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

async fn expire(client: &Client, table: &Table) -> Result<(), StoreError> {
    let Some(attribute) = &table.ttl else { return Ok(()) };
    let failed = |why: String| StoreError::call(format!("setting the time to live of table {}", table.name), why);
    let specification = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name(attribute)
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let request = client.update_time_to_live().table_name(&table.name).time_to_live_specification(specification);
    request.send().await.map(drop).map_err(|error| failed(reason(&error)))
}

//! A table store that was given: DynamoDB, LocalStack, DynamoDB Local.

use super::client;

/// A table store behind a URL.
#[derive(Clone)]
pub struct Remote {
    endpoint: String,
    tables: aws_sdk_dynamodb::Client,
    streams: aws_sdk_dynamodbstreams::Client,
}

impl Remote {
    /// The store at this URL; nothing is asked of it yet.
    pub fn at(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), tables: client::dynamodb(endpoint), streams: client::streams(endpoint) }
    }

    /// The URL that DynamoDB clients are pointed at.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A client of its tables.
    pub fn tables(&self) -> &aws_sdk_dynamodb::Client {
        &self.tables
    }

    /// A client of its tables' streams.
    pub fn streams(&self) -> &aws_sdk_dynamodbstreams::Client {
        &self.streams
    }
}

//! Clients of the AWS SDK for a table store on this machine or elsewhere.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};

use crate::template::arn;

/// The region and keys of the environment, or stand-ins: a store on this machine takes any.
fn identity() -> (Region, Credentials) {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let keys = variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY"));
    let (id, secret) = keys.unwrap_or_else(|| ("local".to_owned(), "local".to_owned()));
    let credentials = Credentials::new(id, secret, variable("AWS_SESSION_TOKEN"), None, "environment");
    (Region::new(region.unwrap_or_else(|| arn::REGION.to_owned())), credentials)
}

/// Why a call failed, in one line: the SDK's errors say little, what they rest on says it.
pub(crate) fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// A client of the tables.
pub fn dynamodb(endpoint: &str) -> aws_sdk_dynamodb::Client {
    let (region, credentials) = identity();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .build();
    aws_sdk_dynamodb::Client::from_conf(config)
}

/// A client of the tables' streams.
pub fn streams(endpoint: &str) -> aws_sdk_dynamodbstreams::Client {
    let (region, credentials) = identity();
    let config = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .build();
    aws_sdk_dynamodbstreams::Client::from_conf(config)
}

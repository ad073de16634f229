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

/// In AWS streams have a host of their own, elsewhere the tables'.
fn streams_of(endpoint: &str) -> String {
    let in_aws = endpoint.contains(".amazonaws.com") && !endpoint.contains("//streams.");
    if in_aws { endpoint.replace("//dynamodb.", "//streams.dynamodb.") } else { endpoint.to_owned() }
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

/// A client of the streams of the tables at this endpoint.
pub fn streams(endpoint: &str) -> aws_sdk_dynamodbstreams::Client {
    let (region, credentials) = identity();
    let endpoint = std::env::var("AWS_ENDPOINT_URL_DYNAMODB_STREAMS").unwrap_or_else(|_| streams_of(endpoint));
    let config = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .build();
    aws_sdk_dynamodbstreams::Client::from_conf(config)
}

#[cfg(test)]
mod tests {
    use super::streams_of;

    #[test]
    fn streams_are_where_the_tables_are_except_in_aws() {
        assert_eq!(streams_of("http://127.0.0.1:4566"), "http://127.0.0.1:4566");
        let tables = "https://dynamodb.eu-central-1.amazonaws.com";
        assert_eq!(streams_of(tables), "https://streams.dynamodb.eu-central-1.amazonaws.com");
        assert_eq!(streams_of(&streams_of(tables)), streams_of(tables));
    }
}

//! DynamoDB's operations by name, each carried out on the embedded store's storage.

use dynoxide::DynoxideError;
use dynoxide::actions::{
    batch_get_item, batch_write_item, create_table, delete_item, delete_table, describe_stream, describe_table,
    describe_time_to_live, get_item, get_records, get_shard_iterator, list_streams, list_tables, put_item, query, scan,
    transact_get_items, transact_write_items, update_item, update_table, update_time_to_live,
    vector_lifecycle::VectorIndexLifecycle,
};
use dynoxide::storage::Storage;
use futures_util::FutureExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Carries out `operation` on a request in JSON and answers in JSON.
pub(super) fn perform(
    storage: &Storage,
    lifecycle: &VectorIndexLifecycle,
    operation: &str,
    request: &[u8],
) -> Result<String, DynoxideError> {
    macro_rules! call {
        ($action:ident $(, $more:expr)?) => {
            answer($action::execute(storage, parse(request)? $(, $more)?))
        };
    }
    match operation {
        "PutItem" => call!(put_item),
        "UpdateItem" => call!(update_item),
        "TransactWriteItems" => call!(transact_write_items),
        "GetItem" => call!(get_item),
        "Query" => call!(query),
        "DeleteItem" => call!(delete_item),
        "BatchGetItem" => call!(batch_get_item),
        "BatchWriteItem" => call!(batch_write_item),
        "TransactGetItems" => call!(transact_get_items),
        "Scan" => call!(scan),
        "CreateTable" => call!(create_table),
        "DeleteTable" => call!(delete_table, lifecycle),
        "DescribeTable" => call!(describe_table, lifecycle),
        "UpdateTable" => call!(update_table, lifecycle),
        "ListTables" => call!(list_tables),
        "UpdateTimeToLive" => call!(update_time_to_live),
        "DescribeTimeToLive" => call!(describe_time_to_live),
        "ListStreams" => call!(list_streams),
        "DescribeStream" => call!(describe_stream),
        "GetShardIterator" => call!(get_shard_iterator),
        "GetRecords" => call!(get_records),
        _ => Err(DynoxideError::UnsupportedCapability(format!("{operation} is not supported by the embedded store"))),
    }
}

/// The storage works on the calling thread, so an operation is done when it is first polled.
fn answer<T: Serialize>(operation: impl Future<Output = Result<T, DynoxideError>>) -> Result<String, DynoxideError> {
    let response = operation
        .now_or_never()
        .ok_or_else(|| DynoxideError::InternalServerError("the storage did not answer at once".into()))??;
    serde_json::to_string(&response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn parse<T: DeserializeOwned>(request: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(request).map_err(|error| refusal(&error.to_string()))
}

/// Values that DynamoDB would refuse are marked in the parser's message with the error they are refused with.
fn refusal(message: &str) -> DynoxideError {
    let unplaced = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    match unplaced.split_once(':') {
        Some((mark, text)) if mark.starts_with("VALIDATION") => DynoxideError::ValidationException(text.to_owned()),
        Some((mark, text)) if mark.starts_with("SERIALIZATION") => {
            DynoxideError::SerializationException(text.to_owned())
        }
        _ if ["missing field", "unknown variant", "invalid type: null", "AttributeValue"]
            .iter()
            .any(|sign| message.contains(sign)) =>
        {
            DynoxideError::ValidationException(unplaced.to_owned())
        }
        _ => DynoxideError::SerializationException(unplaced.to_owned()),
    }
}

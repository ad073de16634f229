//! What DynamoDB's errors mean to a commit.

use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

use super::convert::plain;
use crate::ports::store::{StoreError, WriteError};

/// Only a request that is wrong in itself is final: everything else, a missing table or permission too, can be mended
/// from outside while the record waits.
pub(super) fn unavailable<E, R>(e: &SdkError<E, R>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    match e.code() {
        Some("ValidationException" | "ItemCollectionSizeLimitExceededException") => {
            StoreError::Rejected(e.message().unwrap_or("no reason given").to_owned())
        }
        Some(code) => StoreError::Unavailable(format!("{code}: {}", e.message().unwrap_or("no reason given"))),
        None => StoreError::Unavailable(DisplayErrorContext(e).to_string()),
    }
}

pub(super) fn put_error<R: std::fmt::Debug>(e: SdkError<PutItemError, R>) -> WriteError {
    match e.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(failed)) => {
            WriteError::Condition(vec![Some(failed.item.clone().map(plain))])
        }
        Some(PutItemError::TransactionConflictException(_)) => WriteError::Conflict,
        _ => WriteError::Failed(unavailable(&e)),
    }
}

pub(super) fn transact_error<R: std::fmt::Debug>(e: SdkError<TransactWriteItemsError, R>) -> WriteError {
    let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = e.as_service_error() else {
        return WriteError::Failed(unavailable(&e));
    };
    let reasons = canceled.cancellation_reasons();
    let code_is = |wanted: &str| reasons.iter().any(|reason| reason.code() == Some(wanted));
    if code_is("ConditionalCheckFailed") {
        let found = reasons
            .iter()
            .map(|reason| (reason.code() == Some("ConditionalCheckFailed")).then(|| reason.item.clone().map(plain)));
        return WriteError::Condition(found.collect());
    }
    if code_is("TransactionConflict") {
        return WriteError::Conflict;
    }
    let why = reasons.iter().find(|reason| reason.code() != Some("None"));
    let code = why.and_then(|reason| reason.code()).unwrap_or("TransactionCanceled");
    let message = format!("{code}: {}", why.and_then(|reason| reason.message()).unwrap_or("no reason given"));
    WriteError::Failed(match code {
        "ValidationError" | "ItemCollectionSizeLimitExceeded" => StoreError::Rejected(message),
        _ => StoreError::Unavailable(message),
    })
}

pub(super) fn malformed(e: BuildError) -> StoreError {
    StoreError::Rejected(e.to_string())
}

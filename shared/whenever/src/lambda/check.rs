//! Before the first invocation is asked for: whether tables and broker take the function as it is set up.

use std::time::Duration;

use futures_util::future::try_join;

use super::function::Function;
use crate::dynamodb::DynamoStore;

/// After this long the function starts all the same: an outage is waited out where records wait for its end.
const LONGEST: Duration = Duration::from_secs(2);

/// Calls once what the function will call.
///
/// # Errors
///
/// Says what is refused for good, and which setting to mend.
pub(super) async fn check(function: &impl Function, store: &DynamoStore) -> Result<(), String> {
    let needs = function.needs();
    let tables = async { store.probe(&needs).await.map_err(|e| e.to_string()) };
    match tokio::time::timeout(LONGEST, try_join(tables, function.check())).await {
        Ok(checked) => checked.map(drop),
        Err(_) => Ok(()),
    }
}

//! The collector: brings what Lambda itself gave up on into the dead letters.

use serde::Deserialize;

use crate::Needs;
use crate::dead_letter::DeadLetters;
use crate::invocation::Invocation;
use crate::kafka_batch::KafkaBatch;
use crate::record::{Handled, Outcome, Record};

/// Reads the failure destination's topic.
#[derive(Debug, Clone, Copy)]
pub struct Collector {
    name: &'static str,
}

/// Lambda's record of a batch that it gave up on, with the batch itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenUp {
    request_context: RequestContext,
    payload: KafkaBatch,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    function_arn: String,
    #[serde(default)]
    condition: String,
    #[serde(default)]
    approximate_invoke_count: u32,
}

impl Collector {
    /// A collector; what it cannot read it parks in its own name.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Collector { name }
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its role must allow.
    #[must_use]
    pub fn needs(&self) -> Needs {
        Needs::new().park()
    }

    /// Parks every record of the batches that `records` describe. Answers each record's fate, in the batch's order.
    pub async fn run(&self, records: &[Record], invocation: &Invocation) -> Vec<Handled> {
        let mut handled = Vec::with_capacity(records.len());
        for record in records {
            let value = record.value.as_deref().unwrap_or_default();
            let outcome = match serde_json::from_slice::<GivenUp>(value) {
                Ok(given_up) => collect(given_up, invocation).await,
                Err(e) => {
                    let why = format!("the value is no record of a failed batch: {e}");
                    let parked = DeadLetters::new(self.name, invocation).park(record, None, &why).await;
                    parked.map(|()| Outcome::Parked(why)).map_err(|e| e.to_string())
                }
            };
            let outcome = outcome.unwrap_or_else(|why| Outcome::Failed(format!("it could not be parked: {why}")));
            handled.push(Handled { event: None, outcome });
        }
        handled
    }
}

async fn collect(given_up: GivenUp, invocation: &Invocation) -> Result<Outcome, String> {
    let RequestContext { function_arn, condition, approximate_invoke_count } = given_up.request_context;
    let policy = function_name(&function_arn);
    let reason = format!("Lambda gave up after {approximate_invoke_count} attempts: {condition}");
    let letters = DeadLetters::new(policy, invocation).after(approximate_invoke_count);
    for record in given_up.payload.records() {
        letters.park(&record, None, &reason).await.map_err(|e| e.to_string())?;
    }
    Ok(Outcome::Parked(reason))
}

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:VERSION]`
fn function_name(arn: &str) -> &str {
    arn.split(':').nth(6).unwrap_or(arn)
}

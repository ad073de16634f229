//! The collector: brings what Lambda itself gave up on into the dead letters.

use serde::Deserialize;

use crate::dead_letter::DeadLetters;
use crate::invocation::Invocation;
use crate::kafka_batch::KafkaBatch;
use crate::record::{EventRef, Handled, Outcome, Record};
use crate::{Envelope, Needs};

/// Reads the failure destination's topic.
#[derive(Debug, Clone)]
pub struct Collector {
    name: &'static str,
    stack: Option<String>,
}

/// Lambda's record of a batch that it gave up on, with the batch itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenUp {
    request_context: RequestContext,
    /// When it gave up.
    #[serde(default)]
    timestamp: Option<String>,
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
        Collector { name, stack: None }
    }

    /// The same in a deployment where functions' names begin with the stack's: letters have the name that the policy itself parks by.
    #[must_use]
    pub fn of_stack(self, name: Option<&str>) -> Self {
        Collector { stack: name.map(|name| format!("{name}-")), ..self }
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
                Ok(given_up) => self.collect(given_up, invocation).await,
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

    async fn collect(&self, given_up: GivenUp, invocation: &Invocation) -> Result<Outcome, String> {
        let RequestContext { function_arn, condition, approximate_invoke_count } = given_up.request_context;
        let name = function_name(&function_arn);
        let policy = self.stack.as_deref().and_then(|stack| name.strip_prefix(stack)).unwrap_or(name);
        let reason = format!("Lambda gave up after {approximate_invoke_count} attempts: {condition}");
        let last = given_up.timestamp.and_then(|at| at.parse().ok()).unwrap_or_else(|| invocation.platform.clock.now());
        // Whether the policy is sequenced is not known here, so letters are in order for all.
        let mut letters =
            DeadLetters::new(policy, invocation).after(approximate_invoke_count).failing_until(last).in_order();
        for record in given_up.payload.records() {
            let event = Envelope::decode(record.value.as_deref().unwrap_or_default()).ok().as_ref().map(EventRef::from);
            letters = letters.failing_since(record.timestamp);
            letters.park(&record, event.as_ref(), &reason).await.map_err(|e| e.to_string())?;
        }
        Ok(Outcome::Parked(reason))
    }
}

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:VERSION]`
fn function_name(arn: &str) -> &str {
    arn.split(':').nth(6).unwrap_or(arn)
}

//! What the Lambda runtime invokes, and what an invocation answers.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::object::read_object;
use crate::{Handled, Invocation, Needs};

/// A function behind a trigger.
#[expect(async_fn_in_trait, reason = "a function's process handles one invocation at a time on one thread")]
pub trait Function {
    /// The function's name, as it stands in logs and dead letters.
    fn name(&self) -> &'static str;

    /// What its role must allow; what else it tries is refused before it is asked of the store.
    fn needs(&self) -> Needs;

    /// Whether what it publishes to takes it as it is set up; said before the first invocation. What cannot be reached may be reached
    /// later, and is no error.
    async fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// Handles one event of its trigger.
    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer;
}

/// The trigger's event as raw JSON.
#[derive(Debug, Clone, Copy)]
pub struct Payload<'a>(pub &'a str);

/// What an invocation answers, with what its log line says.
#[derive(Debug)]
pub struct Answer {
    /// The answer to the trigger, or the function error.
    pub result: Result<Value, NotHandled>,
    /// The records' fates.
    pub handled: Vec<Handled>,
    /// How long past its deadline was what a sweep found; zero where nothing was.
    pub overdue: Duration,
    /// Why an HTTP call failed, where its caller is not told.
    pub trouble: Option<String>,
}

/// The invocation as a whole failed; becomes Lambda's function error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotHandled(pub String);

impl Payload<'_> {
    /// Reads the event.
    ///
    /// # Errors
    ///
    /// [`NotHandled`] where it is not of the trigger's shape.
    pub fn read<T: DeserializeOwned>(&self, shape: &str) -> Result<T, NotHandled> {
        read_object(self.0).map_err(|e| NotHandled(format!("the event is no {shape}: {e}")))
    }
}

impl Answer {
    /// An answer without records.
    #[must_use]
    pub fn of(result: Result<Value, NotHandled>) -> Self {
        Answer { result, handled: Vec::new(), overdue: Duration::ZERO, trouble: None }
    }
}

impl std::fmt::Display for NotHandled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotHandled {}

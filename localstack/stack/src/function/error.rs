//! Why an invocation has no answer.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

/// Why an invocation has no answer.
#[derive(Debug, Clone)]
pub enum InvokeError {
    /// The template has no function of this name.
    UnknownFunction(String),
    /// The function answered with an error, or a fault did so for it.
    FunctionError {
        /// As the function names it.
        error_type: String,
        /// For people.
        message: String,
        /// The whole answer, raw JSON.
        payload: Bytes,
    },
    /// Its timeout passed; its process was killed.
    TimedOut(Duration),
    /// Its process ended before it answered.
    Crashed(String),
    /// Its process did not come as far as asking for an event.
    Init(String),
    /// So many others were before it that it had no turn in this time; nothing has begun.
    Busy(Duration),
    /// The stack is stopping.
    Stopping,
}

impl InvokeError {
    /// As AWS writes it into `errorType`.
    pub fn error_type(&self) -> &str {
        match self {
            Self::UnknownFunction(_) => "ResourceNotFoundException",
            Self::FunctionError { error_type, .. } => error_type,
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::Crashed(_) => "Runtime.ExitError",
            Self::Init(_) => "Runtime.InitError",
            Self::Busy(_) => "TooManyRequestsException",
            Self::Stopping => "ServiceException",
        }
    }

    /// The payload that the Invoke API answers: the function's own, or one made from this error.
    pub fn payload(&self) -> Bytes {
        match self {
            Self::FunctionError { payload, .. } => payload.clone(),
            other => {
                let answer = json!({"errorType": other.error_type(), "errorMessage": other.to_string()});
                Bytes::from(answer.to_string())
            }
        }
    }
}

impl fmt::Display for InvokeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFunction(name) => write!(f, "function {name} is not in the template"),
            Self::FunctionError { error_type, message, .. } => write!(f, "{error_type}: {message}"),
            Self::TimedOut(after) => write!(f, "Task timed out after {:.2} seconds", after.as_secs_f64()),
            Self::Crashed(how) => write!(f, "Runtime exited before it answered: {how}"),
            Self::Init(message) => write!(f, "the function did not start: {message}"),
            Self::Busy(after) => {
                write!(f, "others were before it for {} s; nothing has begun", after.as_secs())
            }
            Self::Stopping => write!(f, "the stack is stopping"),
        }
    }
}

impl std::error::Error for InvokeError {}

//! A function as AWS Lambda runs it. What its triggers hand over and are answered is JSON alone; the runtime, its log and its clock are
//! the feature `lambda`.

#[cfg(feature = "lambda")]
mod check;
mod function;
mod http;
mod kafka;
#[cfg(feature = "lambda")]
mod log;
#[cfg(feature = "lambda")]
mod metrics;
#[cfg(feature = "lambda")]
mod needs;
#[cfg(feature = "lambda")]
mod runtime;
mod schedule;
mod stream;
#[cfg(feature = "lambda")]
mod system;

pub use function::{Answer, Function, NotHandled, Payload};
#[cfg(feature = "lambda")]
pub use needs::TELL_NEEDS;
#[cfg(feature = "lambda")]
pub use runtime::run;
pub use stream::stream_event;
#[cfg(feature = "lambda")]
pub use system::{SystemClock, SystemEntropy};

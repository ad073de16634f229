//! Fuzzing: whatever comes over Kafka, a table's stream or HTTP, and whatever is handed in as a template, is answered, parked or refused.
//! Nothing panics, nothing goes on for ever, and what is no event or no request writes nothing.
//!
//! A [`Target`] judges inputs. Its corpus is run by every `cargo test`, and for a few seconds what a [`Mutator`] makes of it; libFuzzer
//! (`.ci/fuzz`) does the same with an eye on which code an input reaches.

mod corpus;
mod goods;
mod http;
mod kafka;
mod mutate;
mod shop;
mod stream;
mod target;
mod template;
mod texts;

pub use mutate::Mutator;
pub use target::Target;

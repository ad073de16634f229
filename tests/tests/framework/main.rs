//! The framework on a real table API, with a domain of its own: a kitchen where children want cookies. Faults are injected
//! between the framework and the store.

#![cfg(test)]

mod batches;
mod conformance;
mod dead_letters;
mod faults;
mod http_commands;
mod http_publish;
mod kitchen;
mod needs;
mod once;
mod outside_http;
mod redrive;
mod relay;
mod sequenced;
mod stand;
mod sweeps;
mod topics;
mod webhooks;

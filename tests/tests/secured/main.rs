//! Brokers that want TLS and credentials: the producer on a real one, as a user and as a role, and the whole stack.

#![cfg(test)]

mod entry;
mod refusals;
mod stack;
mod stand;

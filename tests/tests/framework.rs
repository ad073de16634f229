//! The framework on a real table API, with a domain of its own: a kitchen where children want cookies. Faults are injected
//! between the framework and the store.

#[path = "framework/batches.rs"]
mod batches;
#[path = "framework/dead_letters.rs"]
mod dead_letters;
#[path = "framework/faults.rs"]
mod faults;
#[path = "framework/http_commands.rs"]
mod http_commands;
#[path = "framework/kitchen.rs"]
mod kitchen;
#[path = "framework/stand.rs"]
mod stand;
#[path = "framework/sweeps.rs"]
mod sweeps;

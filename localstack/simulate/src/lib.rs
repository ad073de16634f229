//! The shop, simulated: the functions of template.yaml as they ship, in one thread, on tables, topics, clocks and triggers in which
//! everything goes wrong that a seed can think of. See [`whenever::simulation`].

mod args;
mod ask;
mod bystanders;
mod customer;
mod deployment;
mod functions;
mod goods;
mod report;
mod segment;
mod shrink;
#[cfg(test)]
mod tests;
mod verdict;

pub use args::Args;
pub use deployment::Deployment;
pub use report::run;

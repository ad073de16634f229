//! Runs a template that has nothing to do with the shop, and looks at it as its users would.

#[cfg(test)]
mod client;
#[cfg(test)]
mod data;
#[cfg(test)]
mod http;
#[cfg(test)]
mod lifetime;
#[cfg(test)]
mod local;
#[cfg(test)]
mod process;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod stack;
#[cfg(test)]
mod triggers;

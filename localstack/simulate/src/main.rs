//! `simulate`: what `whenever simulate` builds and runs.

use std::process::ExitCode;

use clap::Parser;

/// A simulation is mostly small pieces of memory that come and go.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Simulates the shop with every fault that a seed can think of.
#[derive(Parser)]
#[command(name = "simulate", version)]
struct Cli {
    #[command(flatten)]
    args: simulate::Args,
}

fn main() -> ExitCode {
    simulate::run(&Cli::parse().args).unwrap_or_else(|problem| {
        eprintln!("error: {problem}");
        ExitCode::FAILURE
    })
}

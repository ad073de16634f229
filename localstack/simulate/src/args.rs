//! What a simulation is asked for.

use clap::Args as Arguments;

/// Runs the functions on simulated tables, topics and clocks, and looks whether every promise was kept
#[derive(Debug, Clone, Arguments)]
pub struct Args {
    /// The first segment's seed; the next ones count on from it [default: a new one]
    #[arg(long)]
    pub seed: Option<u64>,
    /// How many orders are placed in all
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub orders: u64,
    /// How many orders a segment has: each starts with empty tables, and its own seed repeats it
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub segment: u64,
    /// Go on for this long, in place of a number of orders
    #[arg(long, value_name = "SECONDS", conflicts_with = "orders")]
    pub seconds: Option<u64>,
    /// Run these segments first: a file with a seed and a number of orders per line
    #[arg(long, value_name = "FILE")]
    pub seeds: Option<std::path::PathBuf>,
    /// Nothing goes wrong
    #[arg(long)]
    pub no_faults: bool,
}

//! `whenever simulate`: builds the simulation, and runs it.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::Outcome;

/// Runs the functions with every fault that a seed can think of, and looks whether every promise was kept.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// The simulation's own options; --help lists them
    #[arg(value_name = "OPTION", trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<OsString>,
}

/// The simulation is a program of its own: what goes on for hours is worth a profile that compiles for minutes.
pub(crate) fn run(args: &Args) -> Outcome {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--profile", "simulation", "--package", "simulate", "--"]).args(&args.options);
    // In place of this program: Ctrl-C and the exit status are the simulation's.
    Err(format!("cargo cannot be run: {}; install Rust, or put cargo into PATH", cargo.exec()))
}

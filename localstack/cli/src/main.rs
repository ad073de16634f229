//! `whenever`: runs the shop on this machine, and looks at what runs.

mod api;
mod bench;
mod client;
mod confirm;
mod cost;
mod dead_letters;
mod demo;
mod deployment;
mod env;
mod events;
mod follow;
mod interrupt;
mod invoke;
mod lambda;
mod login;
mod logs;
mod orders;
mod pace;
mod progress;
mod republish;
mod roles;
mod simulate;
mod table;
mod terminal;
mod time;
mod timeline;
mod topics;
mod up;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The table store keeps its pages for good while requests come and go beside them: with glibc's allocator each order costs the
/// stack more, the more are stored.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the functions of template.yaml on this machine, with an embedded broker and table store or given ones.
#[derive(Parser)]
#[command(name = "whenever", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: up::Args,
}

#[derive(Subcommand)]
enum Command {
    /// Build and start everything, until Ctrl-C (also without a command)
    Up(up::Args),
    /// Play the tutorials on a stack of its own, each order drawn as a timeline and checked
    Demo(demo::Args),
    /// Measure how fast orders are placed, and what each costs
    Bench(bench::Args),
    /// Say what a million orders cost in AWS
    Cost(cost::Args),
    /// Run one function on a test event
    Invoke(invoke::Args),
    /// Follow the events of all orders
    Events(events::Args),
    /// List the newest orders, or draw an order's timeline
    Orders(orders::Args),
    /// List, redrive or discard the records that policies have given up
    DeadLetters(Box<dead_letters::Args>),
    /// Publish again what outboxes still hold
    Republish(republish::Args),
    /// Check that stock, money, coupons and orders agree, with everything under way
    Verify(verify::Args),
    /// Print what functions print
    Logs(logs::Args),
    /// Print the functions' environment, for `cargo lambda watch`
    Env(env::Args),
    /// Run the functions with every fault that a seed can think of, simulated, and look whether every promise was kept
    Simulate(simulate::Args),
    /// Create the template's topics on a broker, and grow their partitions
    Topics(topics::Args),
    /// Compare what functions may do with what their code needs
    Roles(roles::Args),
}

/// How a command ends: its status, or one line about what went wrong and what to do.
type Outcome = Result<ExitCode, String>;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command.unwrap_or(Command::Up(cli.up)) {
        Command::Up(args) => up::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Bench(args) => bench::run(args).await,
        Command::Cost(args) => cost::run(args).await,
        Command::Invoke(args) => invoke::run(args).await,
        Command::Events(args) => events::run(args).await,
        Command::Orders(args) => orders::run(args).await,
        Command::DeadLetters(args) => dead_letters::run(*args).await,
        Command::Republish(args) => republish::run(args).await,
        Command::Verify(args) => verify::run(args).await,
        Command::Logs(args) => logs::run(args).await,
        Command::Env(args) => env::run(args).await,
        Command::Simulate(args) => simulate::run(&args),
        Command::Topics(args) => topics::run(args).await,
        Command::Roles(args) => roles::run(args).await,
    };
    outcome.unwrap_or_else(|problem| {
        eprintln!("{} {problem}", terminal::stderr().red("error:"));
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn options_of_no_command_collide() {
        super::Cli::command().debug_assert();
    }
}

//! `whenever invoke`: runs one function on a test event and prints its answer.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use bytes::Bytes;

use crate::lambda::Answered;
use crate::terminal::outln;
use crate::{Outcome, lambda, terminal};

/// Runs one function on a test event and prints its raw answer.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The function: its folder's name
    name: String,
    /// A file with the trigger's event in JSON; `-` reads it from standard input
    #[arg(long)]
    event: PathBuf,
    /// Where the Invoke API answers
    #[arg(long, value_name = "URL", default_value = lambda::DEFAULT_URL)]
    lambda_url: String,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let event = read(&args.event).map_err(|error| format!("{} cannot be read: {error}", args.event.display()))?;
    let Answered { payload, failed } = lambda::invoke(&args.lambda_url, &args.name, event).await?;
    outln!("{}", String::from_utf8_lossy(&payload));
    if !failed {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{} the function failed; `cargo run -- logs {}` says more", terminal::stderr().red("error:"), args.name);
    Ok(ExitCode::FAILURE)
}

fn read(event: &PathBuf) -> std::io::Result<Bytes> {
    if event.as_os_str() != "-" {
        return std::fs::read(event).map(Bytes::from);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(Bytes::from(bytes))
}

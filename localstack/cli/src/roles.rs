//! `whenever roles`: compares what functions may do with what their code needs.

use std::path::PathBuf;
use std::process::ExitCode;

use localstack::function::Build;
use localstack::{Options, roles};

use crate::Outcome;
use crate::terminal::outln;
use crate::up::parameter;

/// Builds the template's functions, asks each what it needs, and says where its role allows less or more. Ends with status 1 if one does.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The template; without it template.yaml in this folder or above
    #[arg(long, value_name = "PATH")]
    template: Option<PathBuf>,
    /// A value for a parameter of the template, such as KafkaKind=MSK; can be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Take the functions as they were built last
    #[arg(long)]
    no_build: bool,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let build = if args.no_build { Build::Skip } else { Build::Cargo };
    let asked = Options { template: args.template, build, ..Options::default() };
    // What the code needs does not depend on the parameters; how its program starts may, and only the defaults are sure to start here.
    let told = roles::told(&asked).await.map_err(|error| error.to_string())?;
    let chosen = Options { parameters: args.parameters.into_iter().collect(), ..asked };
    let (_, template) = chosen.read_template().map_err(|error| error.to_string())?;
    let findings = roles::compare(&template, &told);
    for finding in &findings {
        outln!("{finding}");
    }
    if findings.is_empty() {
        outln!("{} functions, and each role allows just what its function needs", told.len());
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

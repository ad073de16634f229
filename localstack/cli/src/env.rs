//! `whenever env`: the environment of a running stack's functions, to run them by other means.

use std::collections::BTreeMap;
use std::process::ExitCode;

use crate::Outcome;
use crate::api::{Api, DEFAULT_URL};
use crate::terminal::outln;

/// Prints what a running stack's functions find in their environment, as KEY=VALUE lines for `cargo lambda watch --env-file`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only of these functions; without any of all
    names: Vec<String>,
    /// Where the HTTP API answers
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    url: String,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let api = Api::at(&args.url);
    let names = if args.names.is_empty() { api.function_names().await? } else { args.names };
    let mut all = Environments::default();
    for name in names {
        let environment = api.environment(&name).await?;
        all.add(&name, environment)?;
    }
    all.0.iter().for_each(|(variable, (value, _))| outln!("{variable}={value}"));
    Ok(ExitCode::SUCCESS)
}

/// On the embedded table store each function has its own.
const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";

/// An access key of no function.
const NOBODY: &str = "local";

/// Variables of several functions: each with its value, and the function that has it.
#[derive(Default)]
struct Environments(BTreeMap<String, (String, String)>);

impl Environments {
    /// Adds a function's variables; one file cannot hold two values of one variable.
    fn add(&mut self, function: &str, environment: BTreeMap<String, String>) -> Result<(), String> {
        for (variable, value) in environment {
            let value = match self.0.get(&variable) {
                // Together they come as nobody whose role the embedded table store would know.
                Some((other, _)) if *other != value && variable == ACCESS_KEY => NOBODY.to_owned(),
                Some((other, owner)) if *other != value => {
                    return Err(format!("{variable} differs between {owner} and {function}; name one of them"));
                }
                _ => value,
            };
            self.0.insert(variable, (value, function.to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Environments, NOBODY};

    #[test]
    fn one_file_holds_one_value_of_a_variable() {
        let mut all = Environments::default();
        let environment = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        all.add("a", environment(&[("TABLE", "orders"), ("AWS_ACCESS_KEY_ID", "a")])).unwrap();
        assert_eq!(all.0["AWS_ACCESS_KEY_ID"].0, "a");
        all.add("b", environment(&[("AWS_ACCESS_KEY_ID", "b")])).unwrap();
        assert_eq!(all.0["AWS_ACCESS_KEY_ID"].0, NOBODY);
        let refused = all.add("c", environment(&[("TABLE", "coupons")]));
        assert_eq!(refused, Err("TABLE differs between a and c; name one of them".to_owned()));
    }
}

//! Asks functions' programs what they need.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;
use tokio::process::Command;

use crate::error::Error;
use crate::function;
use crate::options::Options;

/// The argument that has a function's program print its needs as one JSON object and end; programs made with the crate `whenever` know
/// it.
const ARGUMENT: &str = "--needs";

/// An outside system that no call is made to.
const NOWHERE: &str = "http://localhost";

/// What a function's program says that its code does.
#[derive(Debug, Clone, Deserialize)]
pub struct Told {
    /// The function.
    pub function: String,
    /// What it does to tables.
    pub tables: Vec<Table>,
    /// The topics that it publishes to.
    pub topics: Vec<String>,
}

/// What a function does to one table or index.
#[derive(Debug, Clone, Deserialize)]
pub struct Table {
    /// The environment variable that names the table.
    pub variable: String,
    /// The index; `None` for the table itself.
    pub index: Option<String>,
    /// DynamoDB's actions, without their prefix.
    pub actions: Vec<String>,
}

/// A function's program does not say what it needs.
#[derive(Debug)]
pub struct TellError {
    /// The function.
    pub function: String,
    /// What it did instead.
    pub why: String,
}

impl fmt::Display for TellError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} does not say what it needs when run with {ARGUMENT}: {}", self.function, self.why)
    }
}

impl std::error::Error for TellError {}

/// Builds the template's functions, if so wished, and asks each what it needs.
///
/// # Errors
///
/// [`Error::Template`], [`Error::Build`] or, of the first function that does not answer, [`Error::Needs`].
pub async fn told(options: &Options) -> Result<Vec<Told>, Error> {
    let mut options = options.clone();
    for system in options.read_template()?.1.outside {
        options.parameters.entry(system.parameter).or_insert_with(|| NOWHERE.to_owned());
    }
    let (path, template) = options.read_template()?;
    let names: Vec<&str> = template.functions.iter().map(|function| function.name.as_str()).collect();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let binaries = function::binaries(&options.build, folder, &names, !options.kafka_login.is_empty()).await?;
    let mut told = Vec::with_capacity(names.len());
    for function in &template.functions {
        let binary = function::binary(&binaries, &function.name);
        let answer = ask(&binary, &function.environment).await;
        told.push(answer.map_err(|why| Error::Needs(TellError { function: function.name.clone(), why }))?);
    }
    Ok(told)
}

async fn ask(binary: &Path, environment: &BTreeMap<String, String>) -> Result<Told, String> {
    let mut command = Command::new(binary);
    command.arg(ARGUMENT).env_clear().envs(environment).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| format!("{}: {error}", binary.display()))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{} ({})", printed.trim(), output.status));
    }
    serde_json::from_str(&printed).map_err(|error| format!("{error} in {}", printed.trim()))
}

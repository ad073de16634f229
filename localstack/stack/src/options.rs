//! What a stack is started with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Error;
use crate::function::Build;
use crate::template::Template;
use crate::triggers::RetryOrder;

/// Where the stack says what people have to know, one line at a time.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// What a stack is started with.
#[derive(Clone)]
pub struct Options {
    /// The template; `None` looks for `template.yaml` in the current folder and those above it.
    pub template: Option<PathBuf>,
    /// The HTTP API's port; 0 takes any.
    pub port: u16,
    /// The Invoke API's port; 0 takes any.
    pub lambda_port: u16,
    /// A broker's `host:port,…` in place of the embedded one.
    pub kafka: Option<String>,
    /// What topics and consumer groups on that broker begin with, so that several stacks can share it; empty by default.
    pub kafka_prefix: String,
    /// Who the stack and its functions are to that broker: those of `KafkaAccess::VARIABLES` that are set; empty for one that asks
    /// nobody. Functions are then built with their feature `tls`.
    pub kafka_login: BTreeMap<String, String>,
    /// A table store's URL in place of the embedded one.
    pub dynamodb: Option<String>,
    /// The folder that the embedded store's tables and the embedded broker's records are kept in; without one they end with
    /// the stack.
    pub data: Option<PathBuf>,
    /// Values in place of the template's parameters' defaults.
    pub parameters: BTreeMap<String, String>,
    /// Where functions' binaries come from.
    pub build: Build,
    /// Where the addresses are written once everything is ready.
    pub ready_file: Option<PathBuf>,
    /// How many requests the HTTP API and the Invoke API let in at a time, those with long bodies counted several times; more are
    /// told to come again.
    pub most_requests: usize,
    /// What a trigger does while records of a batch fail.
    pub retry_order: RetryOrder,
    /// Progress and trouble; stderr by default.
    pub say: Say,
}

impl Options {
    /// So many requests that wait needed 190 MiB in an unoptimised build; on two cores they are more than are worked off in the time
    /// that one waits for its turn.
    pub const MOST_REQUESTS: usize = 4_096;

    /// Reads the template with its parameters filled in, and says where it was.
    ///
    /// # Errors
    ///
    /// [`Error::NoTemplate`] or [`Error::Template`].
    pub fn read_template(&self) -> Result<(PathBuf, Template), Error> {
        let path = match &self.template {
            Some(path) => path.clone(),
            None => find_template()?,
        };
        let template = Template::read(&path, &self.parameters)?;
        Ok((path, template))
    }
}

/// `template.yaml` in the current folder or the nearest one above it.
fn find_template() -> Result<PathBuf, Error> {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let found = here.ancestors().map(|folder| folder.join("template.yaml")).find(|path| path.is_file());
    found.ok_or(Error::NoTemplate(here))
}

impl Default for Options {
    fn default() -> Self {
        Self {
            template: None,
            port: 8080,
            lambda_port: 9000,
            kafka: None,
            kafka_prefix: String::new(),
            kafka_login: BTreeMap::new(),
            dynamodb: None,
            data: None,
            parameters: BTreeMap::new(),
            build: Build::Cargo,
            ready_file: None,
            most_requests: Self::MOST_REQUESTS,
            retry_order: RetryOrder::default(),
            say: Arc::new(|line| eprintln!("{line}")),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("template", &self.template).field("port", &self.port).finish_non_exhaustive()
    }
}

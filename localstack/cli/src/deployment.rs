//! Which deployment a command is about: the stack that runs on this machine, or one in AWS or elsewhere.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use localstack::Options;
use localstack::template::{Template, Trigger};
use whenever::{DynamoStore, Settings, table_variable};

use crate::api::{Api, DEFAULT_URL};
use crate::lambda::{self, Answered};

/// Where tables and functions are. Without any of these it is the stack that runs on this machine.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Deployment {
    /// Where the HTTP API of the running stack answers
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    url: String,
    /// A table store in place of the running stack's: LocalStack, DynamoDB Local, AWS. Region and credentials are the environment's
    #[arg(long, value_name = "URL")]
    dynamodb: Option<String>,
    /// An Invoke API in place of the running stack's
    #[arg(long, value_name = "URL")]
    lambda_url: Option<String>,
    /// The CloudFormation stack: its tables and functions begin with this name
    #[arg(long, value_name = "NAME", requires = "dynamodb")]
    stack: Option<String>,
    /// The template that the tables are read from; without it template.yaml in this folder or above
    #[arg(long, value_name = "PATH")]
    template: Option<PathBuf>,
}

/// A deployment whose addresses are known.
pub(crate) struct Opened {
    /// The functions of the template.
    pub(crate) functions: Vec<String>,
    /// The environment of a function that may access every table.
    settings: Settings,
    lambda: String,
    stack: Option<String>,
    /// From a table's variable to the function that reads its stream.
    relays: BTreeMap<String, String>,
}

impl Deployment {
    /// Finds out where everything is.
    pub(crate) async fn open(&self) -> Result<Opened, String> {
        let options = Options { template: self.template.clone(), ..Options::default() };
        let (_, template) = options.read_template().map_err(|error| error.to_string())?;
        let (dynamodb, lambda) = match (&self.dynamodb, &self.lambda_url) {
            (Some(dynamodb), Some(lambda)) => (dynamodb.clone(), lambda.clone()),
            (Some(dynamodb), None) => (dynamodb.clone(), lambda::DEFAULT_URL.to_owned()),
            (None, lambda) => {
                let addresses = Api::at(&self.url).addresses().await?;
                (addresses.dynamodb, lambda.clone().unwrap_or(addresses.lambda))
            }
        };
        let mut tables = tables(&template);
        let relays = relays(&template, &tables);
        let client = client(&dynamodb);
        if let Some(stack) = &self.stack {
            // Only the client counts for a list of names.
            let store = DynamoStore::from_settings(&client).map_err(|e| e.to_string())?;
            let names = store.names().await.map_err(|e| e.to_string())?;
            for (_, table) in &mut tables {
                *table = deployed(stack, table, &names)?;
            }
        }
        let settings = client.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).chain(tables).collect();
        let functions = template.functions.into_iter().map(|function| function.name).collect();
        Ok(Opened { functions, settings, lambda, stack: self.stack.clone(), relays })
    }
}

impl Opened {
    /// The tables.
    pub(crate) fn store(&self) -> Result<DynamoStore, String> {
        DynamoStore::from_settings(&self.settings).map_err(|e| e.to_string())
    }

    /// The function that reads a table's stream.
    pub(crate) fn relay_of(&self, table: &str) -> Result<String, String> {
        let relay = self.relays.get(&table_variable(table));
        relay.cloned().ok_or_else(|| format!("no function of the template reads the stream of the table {table}"))
    }

    /// Whether a function reads streams.
    pub(crate) fn is_relay(&self, function: &str) -> bool {
        self.relays.values().any(|relay| relay == function)
    }

    /// What a function answers to an event; an error if it fails.
    pub(crate) async fn invoke(&self, function: &str, event: Bytes) -> Result<Bytes, String> {
        let name = self.stack.as_ref().map_or_else(|| function.to_owned(), |stack| format!("{stack}-{function}"));
        let Answered { payload, failed } = lambda::invoke(&self.lambda, &name, event).await?;
        if failed { Err(format!("the function failed: {}", String::from_utf8_lossy(&payload))) } else { Ok(payload) }
    }
}

/// Every variable by which a function of the template knows a table.
fn tables(template: &Template) -> Vec<(String, String)> {
    let variables = template.functions.iter().flat_map(|function| &function.environment);
    let is_table = |table: &str| template.tables.iter().any(|known| known.name == table);
    let mut tables: Vec<_> = variables
        .filter(|(name, value)| name.ends_with("_TABLE") && is_table(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    tables.sort();
    tables.dedup();
    tables
}

/// From each table's variable to the function that reads its stream, where one does.
fn relays(template: &Template, tables: &[(String, String)]) -> BTreeMap<String, String> {
    let mut relays = BTreeMap::new();
    for function in &template.functions {
        for trigger in &function.triggers {
            let Trigger::Stream(stream) = trigger else { continue };
            let variables = tables.iter().filter(|(_, table)| *table == stream.table);
            relays.extend(variables.map(|(variable, _)| (variable.clone(), function.name.clone())));
        }
    }
    relays
}

/// CloudFormation calls a table `STACK-LOGICALID-RANDOM` where the template gives it no name.
fn deployed(stack: &str, table: &str, names: &[String]) -> Result<String, String> {
    let prefix = format!("{stack}-{table}-");
    let found = names.iter().find(|name| name.starts_with(&prefix));
    found.cloned().ok_or_else(|| {
        let known: Vec<_> = names.iter().filter(|name| name.contains(table)).map(String::as_str).collect();
        let known = if known.is_empty() {
            "there is none like it".to_owned()
        } else {
            format!("there is {}", known.join(", "))
        };
        format!("no table begins with {prefix}; {known}")
    })
}

/// Region and credentials of the environment, or stand-ins: a store on this machine takes any.
fn client(dynamodb: &str) -> Settings {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let or = |name: &str, other: &str| (name.to_owned(), variable(name).unwrap_or_else(|| other.to_owned()));
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let mut settings = vec![
        ("AWS_REGION".to_owned(), region.unwrap_or_else(|| "us-east-1".to_owned())),
        or("AWS_ACCESS_KEY_ID", "local"),
        or("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), dynamodb.to_owned()),
    ];
    settings.extend(variable("AWS_SESSION_TOKEN").map(|token| ("AWS_SESSION_TOKEN".to_owned(), token)));
    settings.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::deployed;

    #[test]
    fn a_table_of_a_stack_is_found_by_its_names_beginning() {
        let names = ["shop-OrdersTable-1A2B".to_owned(), "shop2-OrdersTable-3C".to_owned()];
        assert_eq!(deployed("shop", "OrdersTable", &names).as_deref(), Ok("shop-OrdersTable-1A2B"));
        let problem = deployed("shp", "OrdersTable", &names).unwrap_err();
        assert!(problem.contains("shop-OrdersTable-1A2B, shop2-OrdersTable-3C"), "{problem}");
    }
}

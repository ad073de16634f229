//! `whenever up`: builds and starts everything, and stops it on Ctrl-C.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use localstack::function::Build;
use localstack::{Addresses, Options, Stack};

use crate::interrupt::Interrupt;
use crate::terminal::outln;
use crate::{Outcome, login, terminal};

/// Builds and starts everything, until Ctrl-C.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Port of the HTTP API; 0 takes any
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Port of AWS's Invoke API; 0 takes any
    #[arg(long, default_value_t = 9000)]
    pub(crate) lambda_port: u16,
    /// A broker in place of the embedded one: Redpanda, Apache Kafka, MSK; KAFKA_AUTHENTICATION says how to log in
    #[arg(long, value_name = "HOST:PORT,...")]
    pub(crate) kafka: Option<String>,
    /// What the stack's topics and consumer groups on that broker begin with, so that several stacks can share it
    #[arg(long, value_name = "PREFIX", default_value = "", requires = "kafka")]
    pub(crate) kafka_prefix: String,
    /// A table store in place of the embedded one: LocalStack, DynamoDB Local, AWS
    #[arg(long, value_name = "URL")]
    pub(crate) dynamodb: Option<String>,
    /// A folder to keep the state in from run to run, made if it is not there; without one it ends with the stack
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where placed and cancelled orders are posted to; without it a stand-in that shows them at /_local/platform
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub(crate) data_platform: Option<String>,
    /// How long an order may stay PENDING; without it what the template says, 5 s
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) deadline: Option<f64>,
    /// How often orders past their deadline are looked for; without it what the template says, 5 s
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) sweep_interval: Option<f64>,
    /// A value for a parameter of the template, such as OrderPartitions=4; can be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// How many requests are let in at a time, more are told to come again; without it 4,096
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(crate) most_requests: Option<usize>,
    /// Take the functions as they were built last
    #[arg(long)]
    pub(crate) no_build: bool,
    /// Write the addresses to this file, as JSON, once everything is ready
    #[arg(long, value_name = "PATH")]
    pub(crate) ready_file: Option<PathBuf>,
    /// The template to run; without it template.yaml in this folder or above
    #[arg(long, value_name = "PATH")]
    pub(crate) template: Option<PathBuf>,
}

impl Args {
    /// What the stack is started with; progress goes to stderr.
    pub(crate) fn options(self) -> Options {
        let parameters = [
            ("DeadlineSeconds", self.deadline.map(|seconds| seconds.to_string())),
            ("SweepIntervalSeconds", self.sweep_interval.map(|seconds| seconds.to_string())),
            ("DataPlatformUrl", self.data_platform),
        ];
        let parameters = parameters.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let paint = terminal::stderr();
        Options {
            template: self.template,
            port: self.port,
            lambda_port: self.lambda_port,
            kafka_prefix: self.kafka_prefix,
            kafka_login: if self.kafka.is_some() { login::variables() } else { BTreeMap::new() },
            kafka: self.kafka,
            dynamodb: self.dynamodb,
            data: self.data,
            parameters: self.parameters.into_iter().chain(parameters).collect(),
            build: if self.no_build { Build::Skip } else { Build::Cargo },
            ready_file: self.ready_file,
            most_requests: self.most_requests.unwrap_or(Options::MOST_REQUESTS),
            say: Arc::new(move |line| eprintln!("{}", paint.dim(line))),
            ..Options::default()
        }
    }
}

pub(crate) async fn run(args: Args) -> Outcome {
    let began = Instant::now();
    let mut interrupt = Interrupt::new()?;
    let stack = tokio::select! {
        started = Stack::start(args.options()) => started.map_err(|error| error.to_string())?,
        () = interrupt.wait() => return Ok(ExitCode::SUCCESS),
    };
    greet(stack.addresses(), began);
    interrupt.wait().await;
    eprintln!("stopping ... (Ctrl-C again to force)");
    tokio::select! {
        () = stack.stop() => Ok(ExitCode::SUCCESS),
        // The kernel ends the functions with this process.
        () = interrupt.wait() => Ok(ExitCode::FAILURE),
    }
}

fn greet(addresses: &Addresses, began: Instant) {
    let paint = terminal::stdout();
    let Addresses { api, lambda, dynamodb, kafka, .. } = addresses;
    outln!("{}", paint.bold(format!("ready in {:.1} s", began.elapsed().as_secs_f64())));
    for (name, address) in [("HTTP API", api), ("Invoke API", lambda), ("DynamoDB", dynamodb), ("Kafka", kafka)] {
        outln!("  {name:<12}{address}");
    }
    let json = "-H 'content-type: application/json'";
    outln!("\nTo try, in another terminal:");
    outln!(r#"  curl {api}/inventories {json} -d '{{"id": "tv", "name": "TV", "stock": 10}}'"#);
    outln!(r#"  curl {api}/orders {json} -d '{{"customerId": "ann", "productId": "tv", "qty": 1}}'"#);
    outln!("  curl {api}/_local/platform");
    outln!("  cargo run -- logs --follow --url {api}");
}

/// A whole number above 0.
pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "needs a whole number above 0".to_owned())
}

/// A URL that can be posted to.
fn http_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("http://").or(text.strip_prefix("https://")).filter(|host| !host.is_empty());
    host.map(|_| text.to_owned()).ok_or_else(|| "needs a URL such as http://127.0.0.1:9999/orders".to_owned())
}

/// A parameter of the template with its value.
pub(crate) fn parameter(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or("needs NAME=VALUE, such as OrderPartitions=4")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Longer than anybody waits, and short enough to be counted with.
const MOST_SECONDS: f64 = 1e6;

/// Seconds, fractions allowed.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "needs a number of seconds, such as 5 or 0.5".to_owned())?;
    let fits = seconds > 0.0 && seconds <= MOST_SECONDS;
    if fits { Ok(seconds) } else { Err(format!("needs more than 0 and at most {MOST_SECONDS} seconds")) }
}

#[cfg(test)]
mod tests {
    use super::{http_url, seconds};

    #[test]
    fn seconds_may_have_fractions_but_not_be_nothing() {
        assert_eq!(seconds("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "x", "inf", "NaN", "1e7"] {
            assert!(seconds(wrong).is_err(), "{wrong} was taken");
        }
    }

    #[test]
    fn only_http_can_be_posted_to() {
        assert!(http_url("http://127.0.0.1:9/x").is_ok() && http_url("https://platform").is_ok());
        for wrong in ["", "platform", "http://", "ftp://platform"] {
            assert!(http_url(wrong).is_err(), "{wrong} was taken");
        }
    }
}

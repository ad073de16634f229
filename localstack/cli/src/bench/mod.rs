//! `whenever bench`: how fast orders are placed, and what each costs.

mod goods;
mod load;
mod meter;
mod own_stack;
mod percentiles;
mod process;
mod report;
mod watch;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::api::Api;
use crate::follow::{Follower, From};
use crate::terminal::{out, outln};
use crate::{Outcome, terminal, up};
use goods::Goods;
use load::{Load, Pace};
use meter::Meter;
use own_stack::OwnStack;
use report::Report;
use watch::Watch;

/// How late an order may be seen to have settled.
const PAUSE: Duration = Duration::from_millis(4);

/// After the last order has settled, its timeline may still be written.
const PATIENCE: Duration = Duration::from_secs(60);

/// Places orders of one line with payment, each client its next one when its last has settled, and measures.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many orders
    #[arg(long, default_value_t = 5_000, value_parser = at_least_one)]
    orders: usize,
    /// How many clients, each with one order at a time
    #[arg(long, default_value_t = 100, value_parser = at_least_one)]
    clients: usize,
    /// Place so many orders a second instead, whatever becomes of them
    #[arg(long, value_name = "PER_SECOND", value_parser = rate, conflicts_with = "clients")]
    rate: Option<f64>,
    /// How many products are ordered
    #[arg(long, default_value_t = 10, value_parser = at_least_one)]
    products: usize,
    /// How many customers order
    #[arg(long, default_value_t = 100, value_parser = at_least_one)]
    accounts: usize,
    /// A stack that runs on this machine; without it one is started, in memory
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// How long an order may stay pending, on a stack started for this
    #[arg(long, value_name = "SECONDS", value_parser = up::seconds, default_value = "60", conflicts_with = "url")]
    deadline: f64,
    /// Take the functions as they were built last
    #[arg(long, conflicts_with = "url")]
    no_build: bool,
    /// One line of JSON in place of the tables
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let report = match &args.url {
        Some(url) => measure(&args, Api::at(url)).await?,
        None => {
            let (stack, addresses) = OwnStack::start(args.deadline, args.no_build).await?;
            let report = measure(&args, Api::at(&addresses.api)).await;
            stack.stop().await;
            report?
        }
    };
    if args.json {
        outln!("{}", serde_json::json!(report));
    } else {
        out!("{}", report.draw(terminal::stdout()));
    }
    Ok(if report.succeeded() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn measure(args: &Args, api: Api) -> Result<Report, String> {
    let brokers = api.addresses().await?.kafka;
    let goods = Goods::create(&api, args.products, args.accounts).await?;
    api.settle(PATIENCE).await?;
    let watch = Arc::new(Watch::default());
    let follower = Follower::start(&brokers, From::Now, PAUSE).await?;
    let (meter, before) = Meter::start(api.clone()).await?;

    let pace = args.rate.map_or(Pace::Clients(args.clients), Pace::PerSecond);
    let load = Load::new(api.clone(), Arc::clone(&watch), goods, args.orders);
    let run = tokio::select! {
        run = load.run(pace) => run,
        error = follow(follower, watch) => return Err(error),
        error = meter.clone().keep_looking() => return Err(error),
    };
    api.settle(PATIENCE).await?;
    let after = meter.look().await?;
    Ok(Report::new(run, &before, &after, &meter))
}

/// Tells the clients what has settled; ends only with an error.
async fn follow(follower: Follower, watch: Arc<Watch>) -> String {
    loop {
        match follower.next().await {
            Ok(record) => watch.saw(&record),
            Err(error) => return error,
        }
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.001..=100_000.0).contains(rate));
    rate.ok_or_else(|| "needs a number of orders a second, from 0.001 to 100000".to_owned())
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "needs a whole number above 0".to_owned())
}

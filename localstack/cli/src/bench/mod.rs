//! `whenever bench`: how fast orders are placed, coupons issued and likes counted, and what each costs; how soon functions are up.

mod costs;
mod goods;
mod hot;
mod init;
mod load;
mod meter;
mod own_stack;
mod percentiles;
mod process;
mod report;
mod units;
mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use shop::ORDER_EVENTS;

use crate::api::Api;
use crate::follow::{Follower, From};
use crate::pace::per_second;
use crate::terminal::{Paint, out, outln};
use crate::{Outcome, terminal, up};
use costs::Costs;
pub(crate) use goods::Goods;
use hot::HotReport;
use init::InitReport;
use load::Load;
pub(crate) use load::Pace;
use meter::Meter;
pub(crate) use own_stack::OwnStack;
use report::Report;
pub(crate) use units::{Units, count};
use watch::Watch;

/// How late an order may be seen to have settled.
const PAUSE: Duration = Duration::from_millis(4);

/// After the last order has settled, its timeline may still be written.
const PATIENCE: Duration = Duration::from_secs(60);

/// Read models and messages that no order waits for.
const APART: &[&str] = &["forward-to-data-platform", "record-metrics", "record-timeline"];

/// Clients of a run on one hot key: enough to keep two cores busy.
const HOT_CLIENTS: usize = 20;

/// What is ordered, and by whom, unless somebody wants otherwise.
const PRODUCTS: usize = 10;
const ACCOUNTS: usize = 100;

/// Clients of a run of orders.
const CLIENTS: usize = 100;

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Orders of one line with payment, each client its next one when its last has settled
    Orders,
    /// Requests for one coupon, all waiting when the first is issued
    Coupons,
    /// Likes of one product, all waiting when the first is counted
    Likes,
    /// Each function from its process's start to its first request for work
    Init,
}

/// Places orders, requests coupons, likes a product or starts functions, and measures.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What is measured
    #[arg(value_enum, default_value_t = What::Orders)]
    what: What,
    /// How many requests for the coupon, or likes of the product
    #[arg(long, default_value_t = 11_000, value_parser = up::at_least_one)]
    requests: usize,
    /// How many orders
    #[arg(long, default_value_t = 5_000, value_parser = up::at_least_one)]
    orders: usize,
    /// How many clients, each with one order or request at a time [default: 100; coupons and likes: 20]
    #[arg(long, value_parser = up::at_least_one)]
    clients: Option<usize>,
    /// Place so many orders a second instead, whatever becomes of them
    #[arg(long, value_name = "PER_SECOND", value_parser = rate, conflicts_with = "clients")]
    rate: Option<f64>,
    /// How often each function is started
    #[arg(long, default_value_t = 20, value_parser = up::at_least_one)]
    starts: usize,
    /// Where the started functions' binaries are: NAME, or NAME/bootstrap; without it where this program is
    #[arg(long, value_name = "FOLDER")]
    binaries: Option<PathBuf>,
    /// How many products are ordered
    #[arg(long, default_value_t = PRODUCTS, value_parser = up::at_least_one)]
    products: usize,
    /// How many customers order
    #[arg(long, default_value_t = ACCOUNTS, value_parser = up::at_least_one)]
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
    match &args.url {
        Some(url) => measure(&args, Api::at(url)).await,
        None => {
            let (stack, addresses) = OwnStack::start(args.deadline, args.no_build).await?;
            let outcome = measure(&args, Api::at(&addresses.api)).await;
            stack.stop().await;
            outcome
        }
    }
}

async fn measure(args: &Args, api: Api) -> Outcome {
    let clients = args.clients.unwrap_or(HOT_CLIENTS);
    let hot = match args.what {
        What::Orders => {
            let pace = args.rate.map_or(Pace::Clients(args.clients.unwrap_or(CLIENTS)), Pace::PerSecond);
            let goods = Goods::create(&api, args.products, args.accounts).await?;
            let report = orders(api, goods, args.orders, pace).await?;
            show(args, &report, Report::draw);
            return Ok(if report.succeeded() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        What::Coupons => &hot::COUPONS,
        What::Likes => &hot::LIKES,
        What::Init => {
            show(args, &init::measure(&api, args.binaries.as_deref(), args.starts).await?, InitReport::draw);
            return Ok(ExitCode::SUCCESS);
        }
    };
    show(args, &hot.measure(&api, args.requests, clients).await?, HotReport::draw);
    Ok(ExitCode::SUCCESS)
}

fn show<R: Serialize>(args: &Args, report: &R, draw: impl Fn(&R, Paint) -> String) {
    if args.json {
        outln!("{}", serde_json::json!(report));
    } else {
        out!("{}", draw(report, terminal::stdout()));
    }
}

/// What an order of these goods needs of each function, when so many are placed at this pace.
pub(crate) async fn units(
    api: &Api,
    goods: &Goods,
    placed: usize,
    pace: Pace,
) -> Result<BTreeMap<String, Units>, String> {
    orders(api.clone(), goods.clone(), placed, pace).await?.into_units()
}

/// What a function's log lines have reported so far.
pub(crate) async fn totals(api: &Api, function: &str) -> Result<BTreeMap<String, f64>, String> {
    let functions = meter::functions(api).await?;
    let found = functions.into_iter().find(|found| found.name == function);
    found.map(|found| found.totals).ok_or_else(|| format!("the stack has no function {function}"))
}

async fn orders(api: Api, goods: Goods, orders: usize, pace: Pace) -> Result<Report, String> {
    let broker = api.addresses().await?.broker();
    api.settle(PATIENCE).await?;
    let watch = Arc::new(Watch::default());
    let follower = Follower::start(&broker, &[ORDER_EVENTS], From::Now, PAUSE).await?;
    let (meter, before) = Meter::start(api.clone()).await?;

    let load = Load::new(api.clone(), Arc::clone(&watch), goods, orders);
    let run = tokio::select! {
        run = load.run(pace) => run,
        error = follow(follower, watch) => return Err(error),
        error = meter.clone().keep_looking() => return Err(error),
    };
    api.settle(PATIENCE).await?;
    let costs = Costs::new(run.samples.len(), &before, &meter.look().await?, &meter, APART);
    Ok(Report::new(run, costs))
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

/// Orders a second.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    per_second(text, "orders", 100_000)
}

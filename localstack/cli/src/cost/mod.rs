//! `whenever cost`: what a million orders cost in AWS.

mod bill;
mod measure;
mod measured;
mod prices;
mod report;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;

use localstack::Options;
use serde_json::json;

use crate::bench::rate;
use crate::terminal::{out, outln};
use crate::up::parameter;
use crate::{Outcome, terminal};
use bill::Billing;
use measured::Measured;
use prices::Prices;

/// The function that runs for as long as the template's schedule does, whether there are orders or not.
const SWEEP: &str = "sweep-deadlines";

/// Says what a million placed orders cost in AWS: from the template, what an order was measured to need, and a price list.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Orders a second: what is kept ready costs by the hour, so that many orders share it
    #[arg(long, default_value_t = 10.0, value_name = "PER_SECOND", value_parser = rate)]
    rate: f64,
    /// A price list; without it localstack/prices.yaml as it was when this program was built
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// A record of what an order needs; without it localstack/measured.json as it was when this program was built
    #[arg(long, value_name = "FILE")]
    measured: Option<PathBuf>,
    /// Measure now what an order needs, on a stack of its own, which takes two minutes
    #[arg(long, conflicts_with = "measured")]
    measure: bool,
    /// Measure now, and keep the record in this file
    #[arg(long, value_name = "FILE", conflicts_with = "measured")]
    record: Option<PathBuf>,
    /// Take the functions as they were built last
    #[arg(long)]
    no_build: bool,
    /// How long a function takes in AWS for each millisecond measured here
    #[arg(long, default_value_t = 1.0, value_parser = factor)]
    time_factor: f64,
    /// The template; without it template.yaml in this folder or above
    #[arg(long, value_name = "PATH")]
    template: Option<PathBuf>,
    /// A value for a parameter of the template, such as KafkaKind=MSK; can be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// One line of JSON in place of the tables
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let parameters = args.parameters.into_iter().collect();
    let options = Options { template: args.template, parameters, ..Options::default() };
    let (_, template) = options.read_template().map_err(|error| error.to_string())?;
    let prices = Prices::read(args.prices.as_deref())?;
    let measured = if args.measure || args.record.is_some() {
        measure::measure(&template, args.no_build).await?
    } else {
        Measured::read(args.measured.as_deref())?
    };
    if let Some(file) = &args.record {
        measured.write(file)?;
    }
    let run = measured.at(args.rate).ok_or("the record has no runs")?;
    let (rate, time_factor) = (args.rate, args.time_factor);
    let bill = Billing { template: &template, prices: &prices, measured: &measured, run, rate, time_factor }.bill();
    let (first, last) = prices.seen();
    if args.json {
        let measured = json!({"date": measured.date, "build": measured.build, "rate": run.rate});
        let prices = json!({"region": prices.region, "seen": [first, last]});
        let (orders, left_out) = (bill::ORDERS, report::LEFT_OUT);
        outln!(
            "{}",
            json!({"orders": orders, "rate": rate, "timeFactor": time_factor, "bill": bill, "measured": measured,
                "prices": prices, "leftOut": left_out})
        );
        return Ok(ExitCode::SUCCESS);
    }
    let paint = terminal::stdout();
    out!("{}", report::draw(&bill, rate, paint));
    let pace =
        if run.rate > 0.0 { format!("with {} orders a second", run.rate) } else { "with orders alone".to_owned() };
    let measured = format!("measured {} {pace}, functions built for {}", measured.date, measured.build);
    outln!("\n{measured}; times are those of that machine, see --time-factor");
    outln!("prices of {}, given for {first} to {last}, first steps", prices.region);
    outln!("not in it: {}", report::LEFT_OUT);
    Ok(ExitCode::SUCCESS)
}

fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok().filter(|factor| (0.01..=1_000.0).contains(factor));
    factor.ok_or_else(|| "needs a number from 0.01 to 1000".to_owned())
}

//! `whenever topics`: brings the template's topics about on a deployment's broker.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use localstack::Options;
use localstack::provision::{self, Action, Wish};
use localstack::template::Topic;

use crate::terminal::outln;
use crate::up::parameter;
use crate::{Outcome, login};

/// Creates the template's topics that a broker lacks and grows those that shall grow; none ever shrinks or is deleted.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The broker: Redpanda, Apache Kafka, MSK; KAFKA_AUTHENTICATION says how to log in, as a function is told
    #[arg(long, value_name = "HOST:PORT,...")]
    kafka: String,
    /// The template; without it template.yaml in this folder or above
    #[arg(long, value_name = "PATH")]
    template: Option<PathBuf>,
    /// A value for a parameter of the template, such as OrderPartitions=4; can be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// What the topics' names begin with on the broker, as `up` was told
    #[arg(long, value_name = "PREFIX", default_value = "")]
    kafka_prefix: String,
    /// How many brokers keep a copy of a new topic; without it what the broker is set to
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=i64::from(i16::MAX)))]
    replication: Option<i32>,
    /// Give topics more partitions: each TOPIC=N, or without any all to what the template says
    #[arg(long, value_name = "TOPIC=N", num_args = 0.., value_parser = partitions)]
    grow: Option<Vec<(String, i32)>>,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let parameters = args.parameters.into_iter().collect();
    let options = Options { template: args.template, parameters, ..Options::default() };
    let (_, template) = options.read_template().map_err(|error| error.to_string())?;
    let partitions: BTreeMap<_, _> = args.grow.iter().flatten().cloned().collect();
    check(&partitions, &template.topics)?;
    let wish = Wish {
        grow: args.grow.is_some_and(|named| named.is_empty()),
        partitions,
        replication: args.replication,
        dry_run: args.dry_run,
    };
    let broker = login::brokers(args.kafka, args.kafka_prefix)?;
    let steps = provision::topics(&broker, &template.topics, &wish).await.map_err(|error| error.to_string())?;
    steps.iter().for_each(|step| outln!("{}", step.told(wish.dry_run)));
    let refused = steps.iter().any(|step| matches!(step.action, Action::Refuse { .. }));
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A name that is mistyped must not pass for a topic that has grown.
fn check(named: &BTreeMap<String, i32>, topics: &[Topic]) -> Result<(), String> {
    match named.keys().find(|name| !topics.iter().any(|topic| topic.name == **name)) {
        Some(name) => {
            let known: Vec<_> = topics.iter().map(|topic| topic.name.as_str()).collect();
            Err(format!("{name} is no topic of the template; it has {}", known.join(", ")))
        }
        None => Ok(()),
    }
}

fn partitions(text: &str) -> Result<(String, i32), String> {
    let parsed = text.split_once('=').and_then(|(topic, partitions)| Some((topic, partitions.parse().ok()?)));
    let (topic, partitions) = parsed.ok_or("needs TOPIC=N, such as order-events=4")?;
    if (1..=1000).contains(&partitions) {
        Ok((topic.to_owned(), partitions))
    } else {
        Err(format!("{topic} cannot have {partitions} partitions; ask for 1 to 1000"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_asked_for_by_topic() {
        assert_eq!(partitions("order-events=4"), Ok(("order-events".to_owned(), 4)));
        for wrong in ["order-events", "order-events=", "order-events=0", "order-events=x", "order-events=1001"] {
            assert!(partitions(wrong).is_err(), "{wrong} was taken");
        }
        let topics = [Topic { name: "order-events".into(), partitions: 1 }];
        let mistyped = check(&[("orders".to_owned(), 4)].into(), &topics);
        assert_eq!(mistyped, Err("orders is no topic of the template; it has order-events".to_owned()));
    }
}

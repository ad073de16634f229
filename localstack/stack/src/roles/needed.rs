//! What a function's role has to allow: what its code does, and what Lambda does in its name for its triggers and its log.

use std::collections::BTreeSet;

use super::told::Told;
use super::{Finding, Permission, network};
use crate::template::{Function, Template, Trigger, arn};

/// Everything that the role has to allow.
pub(super) fn needed(function: &Function, told: &Told, template: &Template) -> Result<BTreeSet<Permission>, Finding> {
    let mut needed = on_tables(function, told)?;
    for trigger in &function.triggers {
        match trigger {
            Trigger::Stream(stream) => read_stream(&stream.table, &mut needed),
            Trigger::Kafka(kafka) => {
                network::poll(kafka, &mut needed);
                if network::polls_in_vpc(kafka) {
                    network::interfaces(network::POLLERS, &mut needed);
                }
            }
            Trigger::Http(_) | Trigger::Schedule(_) => {}
        }
    }
    if let Some(group) = &function.log_group {
        for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
            needed.insert(Permission::new(action, format!("{group}.Arn")));
        }
    }
    if function.in_vpc {
        network::interfaces(network::FUNCTIONS, &mut needed);
    }
    publish(function, told, template, &mut needed);
    Ok(needed)
}

/// What its code does to tables.
pub(super) fn on_tables(function: &Function, told: &Told) -> Result<BTreeSet<Permission>, Finding> {
    let mut needed = BTreeSet::new();
    for table in &told.tables {
        let name = function.environment.get(&table.variable);
        let name = name.ok_or_else(|| Finding::NoVariable(function.name.clone(), table.variable.clone()))?;
        let whole = arn::table(name);
        let resource = table.index.as_ref().map_or(whole.clone(), |index| format!("{whole}/index/{index}"));
        needed.extend(table.actions.iter().map(|action| Permission::new(&format!("dynamodb:{action}"), &resource)));
    }
    Ok(needed)
}

fn read_stream(table: &str, needed: &mut BTreeSet<Permission>) {
    for action in ["DescribeStream", "GetRecords", "GetShardIterator"] {
        needed.insert(Permission::new(&format!("dynamodb:{action}"), arn::stream(table)));
    }
    // Streams are listed before one is known.
    needed.insert(Permission::new("dynamodb:ListStreams", arn::any_stream(table)));
}

/// What the function's own producer does.
fn publish(function: &Function, told: &Told, template: &Template, needed: &mut BTreeSet<Permission>) {
    let variable = |name: &str| function.environment.get(name).filter(|value| !value.is_empty());
    for secret in ["KAFKA_SECRET_ARN", "KAFKA_CA_SECRET_ARN"].into_iter().filter_map(variable) {
        needed.insert(Permission::new("secretsmanager:GetSecretValue", secret));
    }
    if told.topics.is_empty() || variable("KAFKA_AUTHENTICATION").is_none_or(|kind| kind != "IAM") {
        return;
    }
    let triggers = template.functions.iter().flat_map(|function| &function.triggers);
    let cluster = triggers.filter_map(|trigger| match trigger {
        Trigger::Kafka(kafka) => kafka.source.cluster.as_deref(),
        _ => None,
    });
    // Triggers and producers of one template meet at one cluster.
    let Some(cluster) = cluster.into_iter().next() else { return };
    for action in ["kafka-cluster:Connect", "kafka-cluster:WriteDataIdempotently"] {
        needed.insert(Permission::new(action, cluster));
    }
    for topic in &told.topics {
        needed.extend(network::WRITE.map(|action| Permission::new(action, network::part(cluster, "topic", topic))));
    }
}

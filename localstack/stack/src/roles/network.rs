//! What Lambda does with a function's role to reach brokers: MSK's and EC2's actions, as AWS's pages on Kafka triggers and on functions
//! in a VPC list them.

use std::collections::BTreeSet;

use super::Permission;
use crate::template::{KafkaTrigger, arn};

/// The parts of an MSK cluster's ARN that topics and groups have in common with it.
pub(super) fn part(cluster: &str, kind: &str, name: &str) -> String {
    format!("{}/{name}", cluster.replacen(":cluster/", &format!(":{kind}/"), 1))
}

/// What Lambda's pollers do in the function's name.
pub(super) fn poll(trigger: &KafkaTrigger, needed: &mut BTreeSet<Permission>) {
    let mut need = |action: &str, resource: &str| needed.insert(Permission::new(action, resource));
    let mut secrets = BTreeSet::new();
    for (kind, uri) in &trigger.source.access {
        match kind.as_str() {
            "SASL_SCRAM_512_AUTH" | "SERVER_ROOT_CA_CERTIFICATE" => {
                secrets.insert(kind.as_str());
                need("secretsmanager:GetSecretValue", uri);
            }
            _ => {}
        }
    }
    let Some(cluster) = &trigger.source.cluster else { return };
    need("kafka:DescribeClusterV2", cluster);
    need("kafka:GetBootstrapBrokers", "*");
    if secrets.contains("SASL_SCRAM_512_AUTH") {
        need("kafka:ListScramSecrets", cluster);
        return;
    }
    need("kafka-cluster:Connect", cluster);
    need("kafka-cluster:DescribeClusterDynamicConfiguration", cluster);
    for action in ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"] {
        need(action, &part(cluster, "group", &trigger.group));
    }
    for action in ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"] {
        need(action, &part(cluster, "topic", &trigger.topic));
    }
    if let Some(topic) = &trigger.polling.on_failure {
        for action in WRITE {
            need(action, &part(cluster, "topic", topic));
        }
    }
}

/// What MSK asks for where records are written to a topic.
pub(super) const WRITE: [&str; 2] = ["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"];

/// Whether Lambda's pollers have to be in the brokers' network.
pub(super) fn polls_in_vpc(trigger: &KafkaTrigger) -> bool {
    trigger.source.cluster.is_some() || trigger.source.access.iter().any(|(kind, _)| kind == "VPC_SUBNET")
}

/// Network interfaces of Lambda's pollers.
pub(super) const POLLERS: (&[&str], &[&str]) = (
    &["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
    &["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
);

/// Network interfaces of functions in a VPC.
pub(super) const FUNCTIONS: (&[&str], &[&str]) = (
    &["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
    &[
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    ],
);

/// Actions that describe are asked of `*`, since EC2 knows no resource for them; the others of what interfaces are made of.
pub(super) fn interfaces((describe, change): (&[&str], &[&str]), needed: &mut BTreeSet<Permission>) {
    needed.extend(describe.iter().map(|action| Permission::new(action, "*")));
    for kind in ["network-interface", "security-group", "subnet"] {
        needed.extend(change.iter().map(|action| Permission::new(action, arn::ec2(kind))));
    }
}

//! What alarms are made on, in CloudWatch's embedded metric format: members of a log line that CloudWatch counts.

use std::time::Duration;

use serde::Serialize;

use crate::Timestamp;

/// The variable that names the deployed stack. Without it nothing is counted.
pub(super) const STACK: &str = "WHENEVER_STACK";

const NAMESPACE: &str = "Whenever";

/// The members, as the specification of the format asks for them. There is nothing to count where all is well.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metrics<'a> {
    #[serde(rename = "_aws")]
    aws: Metadata,
    stack: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parked: Option<usize>,
    /// Milliseconds past its deadline of what was overdue for longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    overdue: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    /// Milliseconds since 1970.
    timestamp: i64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

impl<'a> Metrics<'a> {
    /// What is to be counted of an invocation that parked so many records, and found something overdue for so long.
    pub(super) fn of(stack: Option<&'a str>, parked: usize, overdue: Duration, now: Timestamp) -> Option<Self> {
        let parked = (parked > 0).then_some(parked);
        let overdue = (!overdue.is_zero()).then(|| u64::try_from(overdue.as_millis()).unwrap_or(u64::MAX));
        let metrics: Vec<Definition> = [
            parked.map(|_| Definition { name: "Parked", unit: "Count" }),
            overdue.map(|_| Definition { name: "Overdue", unit: "Milliseconds" }),
        ]
        .into_iter()
        .flatten()
        .collect();
        if metrics.is_empty() {
            return None;
        }
        let directive = Directive { namespace: NAMESPACE, dimensions: [["Stack"]], metrics };
        let aws = Metadata { timestamp: now.millis(), cloud_watch_metrics: [directive] };
        Some(Metrics { aws, stack: stack?, parked, overdue })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written(parked: usize, overdue: u64) -> Option<Value> {
        let metrics = Metrics::of(
            Some("shop"),
            parked,
            Duration::from_millis(overdue),
            Timestamp::from_millis(1_767_225_600_000),
        );
        metrics.map(|metrics| serde_json::to_value(metrics).unwrap())
    }

    /// By the specification each metric and each dimension that is named is a member of the line itself.
    fn is_valid(line: &Value) {
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        assert!(line["_aws"]["Timestamp"].is_i64() && directives.len() == 1);
        let [namespace, dimensions, metrics] = ["Namespace", "Dimensions", "Metrics"].map(|name| &directives[0][name]);
        assert_eq!((namespace, dimensions), (&json!("Whenever"), &json!([["Stack"]])));
        assert_eq!(line["Stack"], "shop");
        for metric in metrics.as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{line}");
        }
        let members = line.as_object().unwrap().len();
        assert_eq!(members, 2 + metrics.as_array().unwrap().len(), "{line}");
    }

    #[test]
    fn what_is_counted_is_named_and_there() {
        for (parked, overdue, names) in
            [(2, 0, vec!["Parked"]), (0, 90, vec!["Overdue"]), (1, 1, vec!["Parked", "Overdue"])]
        {
            let line = written(parked, overdue).unwrap();
            is_valid(&line);
            let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
            let named: Vec<&str> = metrics.iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
            assert_eq!(named, names);
        }
        assert_eq!(written(0, 90).unwrap()["Overdue"], 90);
    }

    #[test]
    fn nothing_is_counted_where_all_is_well_or_no_stack_is_named() {
        assert!(written(0, 0).is_none());
        assert!(Metrics::of(None, 1, Duration::ZERO, Timestamp::default()).is_none());
    }
}

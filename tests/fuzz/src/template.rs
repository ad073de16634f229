//! SAM templates: each is read, or refused with a word on why, and what was read judges records.

use std::collections::BTreeMap;
use std::path::Path;

use localstack::template::{Template, Trigger};
use serde_json::json;

/// Where the functions' folders are; a template whose function has none is refused for that.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The template of the shop.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../template.yaml").to_vec()]
}

/// Judges how a template is read.
pub(crate) fn judge(text: &str) {
    match Template::parse(text, Path::new(ROOT), &BTreeMap::new()) {
        Ok(template) => {
            for trigger in template.functions.iter().flat_map(|function| &function.triggers) {
                use_filter(trigger);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty(), "a template is refused without a word"),
    }
}

/// Asks a trigger's filter about a record.
fn use_filter(trigger: &Trigger) {
    let polling = match trigger {
        Trigger::Kafka(kafka) => &kafka.polling,
        Trigger::Stream(stream) => &stream.polling,
        Trigger::Http(_) | Trigger::Schedule(_) => return,
    };
    let image = json!({"outbox": {"S": "[]"}});
    let passes =
        polling.filter.matches(&json!({"value": {"type": "OrderPlaced", "n": [1]}, "dynamodb": {"NewImage": image}}));
    assert!(passes || !polling.filter.is_empty(), "a filter without patterns holds a record back");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    #[test]
    fn the_seeds_are_read() {
        for seed in Target::Template.seeds() {
            let template = Template::parse(std::str::from_utf8(&seed).unwrap(), Path::new(ROOT), &BTreeMap::new());
            assert!(!template.unwrap().functions.is_empty());
        }
    }
}

//! Stream records of the SDK as an event shows them: its types know no JSON.

use std::collections::HashMap;

use aws_sdk_dynamodbstreams::primitives::Blob;
use aws_sdk_dynamodbstreams::types::{AttributeValue, Record};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

/// The record's JSON in an event's list of records.
pub(super) fn record(record: &Record, source_arn: &str) -> Value {
    let mut stream = Map::new();
    if let Some(change) = &record.dynamodb {
        let created = change.approximate_creation_date_time.map(|time| time.as_secs_f64());
        stream.insert("ApproximateCreationDateTime".into(), json!(created));
        let images = [("Keys", &change.keys), ("NewImage", &change.new_image), ("OldImage", &change.old_image)];
        for (name, image) in images {
            if let Some(image) = image {
                stream.insert(name.into(), item(image));
            }
        }
        stream.insert("SequenceNumber".into(), json!(change.sequence_number));
        stream.insert("SizeBytes".into(), json!(change.size_bytes));
        stream.insert("StreamViewType".into(), json!(change.stream_view_type.as_ref().map(|view| view.as_str())));
    }
    let mut shown = json!({
        "eventID": record.event_id,
        "eventName": record.event_name.as_ref().map(|name| name.as_str()),
        "eventVersion": record.event_version,
        "eventSource": record.event_source,
        "awsRegion": record.aws_region,
        "dynamodb": stream,
        "eventSourceARN": source_arn,
    });
    if let Some(user) = &record.user_identity {
        shown["userIdentity"] = json!({"type": user.r#type, "principalId": user.principal_id});
    }
    shown
}

/// An item in DynamoDB's JSON, its attributes sorted by name.
pub(super) fn item(item: &HashMap<String, AttributeValue>) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
}

fn attribute(value: &AttributeValue) -> Value {
    let base64 = |blob: &Blob| BASE64_STANDARD.encode(blob.as_ref());
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::B(bytes) => json!({"B": base64(bytes)}),
        AttributeValue::Bool(flag) => json!({"BOOL": flag}),
        AttributeValue::Null(flag) => json!({"NULL": flag}),
        AttributeValue::L(list) => json!({"L": list.iter().map(attribute).collect::<Vec<_>>()}),
        AttributeValue::M(map) => json!({"M": item(map)}),
        AttributeValue::Ss(texts) => json!({"SS": texts}),
        AttributeValue::Ns(numbers) => json!({"NS": numbers}),
        AttributeValue::Bs(blobs) => json!({"BS": blobs.iter().map(base64).collect::<Vec<_>>()}),
        // A type that is newer than this SDK.
        _ => json!({"NULL": true}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_looks_as_dynamodb_writes_it() {
        let text = |text: &str| AttributeValue::S(text.into());
        let blob = || Blob::new(vec![0, 255]);
        let all = HashMap::from([
            ("s".into(), text("x")),
            ("n".into(), AttributeValue::N("1.5".into())),
            ("b".into(), AttributeValue::B(blob())),
            ("t".into(), AttributeValue::Bool(true)),
            ("u".into(), AttributeValue::Null(true)),
            ("l".into(), AttributeValue::L(vec![text("y")])),
            ("m".into(), AttributeValue::M(HashMap::from([("k".into(), text("z"))]))),
            ("ss".into(), AttributeValue::Ss(vec!["a".into()])),
            ("ns".into(), AttributeValue::Ns(vec!["1".into()])),
            ("bs".into(), AttributeValue::Bs(vec![blob()])),
        ]);
        let expected = json!({
            "s": {"S": "x"}, "n": {"N": "1.5"}, "b": {"B": "AP8="}, "t": {"BOOL": true}, "u": {"NULL": true},
            "l": {"L": [{"S": "y"}]}, "m": {"M": {"k": {"S": "z"}}}, "ss": {"SS": ["a"]}, "ns": {"NS": ["1"]},
            "bs": {"BS": ["AP8="]},
        });
        assert_eq!(item(&all), expected);
    }
}

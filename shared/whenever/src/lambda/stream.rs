//! Table streams: from Lambda's event to changes, and from their fates to the partial batch answer.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value, json};

use super::function::{Answer, Function, NotHandled, Payload};
use crate::item::{Item, PK};
use crate::object::read_object;
use crate::{Change, Handled, Invocation, Needs, Relay};

#[derive(Deserialize)]
struct StreamEvent {
    #[serde(rename = "Records")]
    records: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StreamRecord<'r> {
    #[serde(borrow)]
    dynamodb: &'r RawValue,
    #[serde(rename = "eventSourceARN", default)]
    event_source_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    sequence_number: String,
    new_image: Option<Map<String, Value>>,
}

impl Function for Relay {
    fn name(&self) -> &'static str {
        Relay::name(self)
    }

    fn needs(&self) -> Needs {
        Relay::needs(self)
    }

    async fn check(&self) -> Result<(), String> {
        Relay::check(self).await
    }

    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer {
        let event: StreamEvent = match payload.read("DynamoDB stream event with \"Records\"") {
            Ok(event) => event,
            Err(e) => return Answer::of(Err(e)),
        };
        let changes: Vec<Change> = event.records.iter().map(|raw| read(raw)).collect();
        let handled = self.run(&changes, invocation).await;
        let failures: Vec<Value> = changes
            .iter()
            .zip(&handled)
            .filter(|(_, handled)| handled.iter().any(Handled::failed))
            .map(|(change, _)| json!({ "itemIdentifier": change.sequence }))
            .collect();
        // A record of unknown shape has no number to report: if it could not be parked, the whole batch comes again.
        if failures.iter().any(|failure| failure["itemIdentifier"] == "") {
            return Answer::of(Err(NotHandled("a record of unknown shape could not be parked".to_owned())));
        }
        let handled = handled.into_iter().flatten().collect();
        Answer { handled, ..Answer::of(Ok(json!({ "batchItemFailures": failures }))) }
    }
}

/// Lambda's event for these items of a table as if they had just been written: what a relay is invoked with to publish once more what
/// their outboxes hold.
#[must_use]
pub fn stream_event(table: &str, items: &[Item]) -> Value {
    let record = |(item, number): (&Item, usize)| {
        json!({
            "eventID": number.to_string(),
            "eventName": "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "eventSourceARN": format!("arn:aws:dynamodb:::table/{table}/stream/again"),
            "dynamodb": {
                "Keys": { PK: item.get(PK).map(typed) },
                "NewImage": typed_item(item),
                "SequenceNumber": number.to_string(),
                "StreamViewType": "NEW_IMAGE",
            },
        })
    };
    json!({ "Records": items.iter().zip(1..).map(record).collect::<Vec<_>>() })
}

fn read(raw: &RawValue) -> Change {
    let bytes = raw.get().as_bytes().to_vec();
    let record = read_object::<StreamRecord<'_>>(raw.get());
    match record.and_then(|record| Ok((read_object::<Image>(record.dynamodb.get())?, record.event_source_arn))) {
        Ok((image, arn)) => Change {
            sequence: image.sequence_number,
            table: table(&arn),
            image: image.new_image.map(plain_item).transpose(),
            raw: bytes,
        },
        Err(e) => Change {
            sequence: String::new(),
            table: String::new(),
            image: Err(format!("it is no record of a table's stream: {e}")),
            raw: bytes,
        },
    }
}

/// `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`
fn table(arn: &str) -> String {
    arn.split('/').nth(1).unwrap_or(arn).to_owned()
}

fn plain_item(image: Map<String, Value>) -> Result<Item, String> {
    image.into_iter().map(|(name, value)| Ok((name, plain(value)?))).collect()
}

fn typed_item(item: &Item) -> Value {
    item.iter().map(|(name, value)| (name.clone(), typed(value))).collect::<Map<_, _>>().into()
}

/// From a value to DynamoDB's JSON.
fn typed(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(yes) => json!({ "BOOL": yes }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(list) => json!({ "L": list.iter().map(typed).collect::<Vec<_>>() }),
        Value::Object(map) => json!({ "M": typed_item(map) }),
    }
}

/// From DynamoDB's JSON (`{"S": "text"}`) to the value itself.
fn plain(typed: Value) -> Result<Value, String> {
    let Value::Object(typed) = typed else { return Err(format!("{typed} is no attribute value")) };
    let Some((tag, value)) = typed.into_iter().next() else { return Err("an attribute has no value".to_owned()) };
    Ok(match (tag.as_str(), value) {
        ("S" | "BOOL" | "B" | "SS" | "NS" | "BS", value) => value,
        ("NULL", _) => Value::Null,
        ("N", Value::String(number)) => {
            Value::Number(number.parse::<Number>().map_err(|_| format!("{number:?} is no number"))?)
        }
        ("L", Value::Array(list)) => Value::Array(list.into_iter().map(plain).collect::<Result<_, _>>()?),
        ("M", Value::Object(map)) => Value::Object(plain_item(map)?),
        (tag, _) => return Err(format!("{tag:?} is no type of attribute value")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_comes_out_of_an_event_as_it_went_in() {
        let item = json!({
            "pk": "order#7", "version": 3, "share": 0.5, "paid": true, "note": null, "outbox": "[]",
            "items": [{ "productId": "1", "quantity": 2 }],
        });
        let Value::Object(item) = item else { unreachable!() };
        let event = stream_event("orders", &[Item::new(), item.clone()]);
        let change = read(&serde_json::value::to_raw_value(&event["Records"][1]).unwrap());
        assert_eq!((change.table.as_str(), change.sequence.as_str()), ("orders", "2"));
        assert_eq!(change.image, Ok(Some(item)));
    }
}

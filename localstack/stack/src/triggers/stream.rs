//! A stream of the embedded store: read when a write says so, rendered without parsing, trimmed when all have read it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::progress::State;
use super::record::{Record, SourceId};
use super::route::{Read, Routes};
use crate::Say;
use crate::store::{Embedded, Image, Sequence, StoreError};
use crate::template::arn;

/// The embedded store's streams have one shard.
pub(super) const SHARD: SourceId = SourceId(0);
/// Records read at once.
const PAGE: usize = 500;

/// A stream of the embedded store and the triggers on it.
pub(super) struct Stream {
    pub(super) store: Embedded,
    pub(super) table: String,
    /// `StreamViewType`.
    pub(super) view: String,
    pub(super) routes: Routes,
}

impl Stream {
    /// Reads until the task is ended: at once when a write says that there is something.
    pub(super) async fn read(self) -> Result<(), StoreError> {
        let mut newest = self.store.newest(&self.table);
        let mut after = Sequence(self.routes.from() - 1);
        self.routes.assign(SHARD);
        loop {
            let images = self.store.read_stream(&self.table, after, PAGE)?;
            if let Some(last) = images.last() {
                after = last.sequence;
                self.routes.hand_on(SHARD, &images.into_iter().map(|image| self.record(image)).collect::<Vec<_>>());
                tokio::task::yield_now().await;
            } else if newest.wait_for(|newest| *newest > after).await.is_err() {
                return Ok(());
            }
        }
    }

    fn record(&self, image: Image) -> Read {
        let record = Record {
            position: image.sequence.0,
            written_ms: image.created.saturating_mul(1000),
            json: render(&image, &self.table, &self.view).into(),
            sequence: image.sequence.to_string().into(),
        };
        Read { record: Arc::new(record), keys: image.keys }
    }
}

/// Deletes what all readers of a table's stream have passed, every second, until the task is ended.
pub(super) async fn trim(store: Embedded, table: String, readers: Vec<watch::Receiver<State>>, say: Say) {
    let mut trimmed = Sequence::default();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let newest = *store.newest(&table).borrow();
        let done = |reader: &watch::Receiver<State>| reader.borrow().done.get(&SHARD).map_or(0, |next| next - 1);
        let passed = readers.iter().map(done).map(Sequence).min().unwrap_or(newest).min(newest);
        if passed > trimmed {
            match store.trim_stream(&table, passed) {
                Ok(()) => trimmed = passed,
                Err(error) => say(&error.to_string()),
            }
        }
    }
}

/// The record as an event shows it. Its images are JSON already.
fn render(image: &Image, table: &str, view: &str) -> String {
    let Image { sequence, id, event, created, keys, new, old, user } = image;
    let size = keys.len() + new.as_ref().map_or(0, String::len) + old.as_ref().map_or(0, String::len);
    let field = |name: &str, json: &Option<String>| {
        json.as_ref().map(|json| format!(r#""{name}":{json},"#)).unwrap_or_default()
    };
    format!(
        concat!(
            r#"{{"eventID":"{id}","eventName":"{event}","eventVersion":"1.1","eventSource":"aws:dynamodb","#,
            r#""awsRegion":"{region}","dynamodb":{{"ApproximateCreationDateTime":{created},"Keys":{keys},{new}{old}"#,
            r#""SequenceNumber":"{sequence}","SizeBytes":{size},"StreamViewType":"{view}"}},{user}"#,
            r#""eventSourceARN":"{arn}"}}"#
        ),
        id = id,
        event = event,
        created = created,
        keys = keys,
        new = field("NewImage", new),
        old = field("OldImage", old),
        sequence = sequence,
        size = size,
        view = view,
        user = field("userIdentity", user),
        arn = arn::stream(table),
        region = arn::REGION,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_record_looks_as_lambda_shows_it() {
        let image = Image {
            sequence: Sequence(7),
            id: "e".into(),
            event: "MODIFY".into(),
            created: 5,
            keys: r#"{"id":{"S":"1"}}"#.into(),
            new: Some(r#"{"id":{"S":"1"},"n":{"N":"2"}}"#.into()),
            old: None,
            user: None,
        };
        let record: Value = serde_json::from_str(&render(&image, "orders", "NEW_IMAGE")).unwrap();
        let expected = serde_json::json!({
            "eventID": "e", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 5, "Keys": {"id": {"S": "1"}},
                "NewImage": {"id": {"S": "1"}, "n": {"N": "2"}},
                "SequenceNumber": "100000000000000000007", "SizeBytes": 46, "StreamViewType": "NEW_IMAGE",
            },
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/local",
        });
        assert_eq!(record, expected);
        let image = Image { user: Some(r#"{"type":"Service"}"#.into()), ..image };
        let record: Value = serde_json::from_str(&render(&image, "orders", "NEW_IMAGE")).unwrap();
        assert_eq!(record["userIdentity"]["type"], "Service");
    }
}

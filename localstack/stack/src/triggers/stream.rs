//! A stream of the embedded store: read for each trigger when a write says so, rendered without parsing, trimmed when all have
//! read it.

use std::time::Duration;

use tokio::sync::watch;

use super::progress::{State, until_room};
use super::record::{Record, SourceId};
use super::route::{Read, Route};
use crate::Say;
use crate::store::{Embedded, Image, Sequence, StoreError};
use crate::template::arn;

/// The embedded store's streams have one shard.
pub(super) const SHARD: SourceId = SourceId(0);
/// Records read at once; the largest items, of 400 KB, make 40 MB of them.
const PAGE: usize = 100;

/// A stream of the embedded store and a trigger on it.
pub(super) struct Stream {
    pub(super) store: Embedded,
    pub(super) table: String,
    /// `StreamViewType`.
    pub(super) view: String,
    pub(super) route: Route,
    /// How far the trigger is.
    pub(super) state: watch::Receiver<State>,
}

impl Stream {
    /// Reads until the task is ended: at once when a write says that there is something, and not much further than the trigger
    /// follows: what is not read yet stays in the store.
    pub(super) async fn read(self) -> Result<(), StoreError> {
        let mut newest = self.store.newest(&self.table);
        let mut after = Sequence(self.route.from - 1);
        self.route.assign(SHARD);
        loop {
            until_room(&self.state).await;
            let images = self.store.read_stream(&self.table, after, PAGE)?;
            if let Some(last) = images.last() {
                after = last.sequence;
                self.route.hand_on(SHARD, images.into_iter().map(|image| self.record(image)).collect());
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
        Read { record, keys: image.keys }
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
    use futures_util::FutureExt as _;
    use serde_json::{Value, json};
    use tokio::sync::mpsc;

    use super::*;
    use crate::template::Filter;
    use crate::triggers::progress::{MOST_BYTES, Progress};
    use crate::triggers::record::Feed;
    use crate::triggers::route::FIRST;

    #[tokio::test]
    async fn nothing_is_read_for_a_trigger_that_has_too_much_to_do() {
        let store = Embedded::with_items().await;
        let item = json!({"TableName": "items", "Item": {"id": {"S": "1"}}});
        store.call("PutItem", item.to_string().as_bytes()).unwrap();

        let (progress, state) = Progress::new();
        let (feed, mut fed) = mpsc::unbounded_channel();
        let route = Route { filter: Filter::default(), parallel: 1, from_start: true, from: FIRST, feed };
        let stream = Stream { store, table: "items".into(), view: "NEW_IMAGE".into(), route, state };
        let mut reading = Box::pin(stream.read());
        progress.update(|state| state.bytes = MOST_BYTES);
        assert!((&mut reading).now_or_never().is_none());
        assert!(matches!(fed.try_recv(), Ok(Feed::Assigned(_))));
        assert!(fed.try_recv().is_err());
        progress.update(|state| state.bytes = MOST_BYTES - 1);
        assert!((&mut reading).now_or_never().is_none());
        assert!(matches!(fed.try_recv(), Ok(Feed::Arrived(arrived)) if arrived.len() == 1));
    }

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

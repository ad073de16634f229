//! From a table's stream to the triggers on it: each record is rendered and parsed once.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::progress::State;
use super::record::{Arrival, Feed, LaneId, Record, SourceId};
use crate::Say;
use crate::store::{Embedded, Image, Sequence, StoreError};
use crate::template::{Filter, arn};

/// The embedded store's streams have one shard.
pub(super) const SHARD: SourceId = SourceId(0);
/// Records read at once.
const PAGE: usize = 500;

/// A trigger on a stream.
pub(super) struct Route {
    pub(super) filter: Filter,
    /// `ParallelizationFactor`.
    pub(super) parallel: u32,
    pub(super) feed: UnboundedSender<Feed>,
}

/// A stream of the embedded store and the triggers on it.
pub(super) struct Stream {
    pub(super) store: Embedded,
    pub(super) table: String,
    /// `StreamViewType`.
    pub(super) view: String,
    pub(super) routes: Vec<Route>,
}

impl Stream {
    /// Reads until the task is ended: at once when a write says that there is something.
    pub(super) async fn read(self) -> Result<(), StoreError> {
        let mut newest = self.store.newest(&self.table);
        let mut after = Sequence::default();
        for route in &self.routes {
            send(route, Feed::Assigned(vec![(SHARD, after.0 + 1)]));
        }
        loop {
            let images = self.store.read_stream(&self.table, after, PAGE)?;
            if let Some(last) = images.last() {
                after = last.sequence;
                self.hand_on(&images);
                tokio::task::yield_now().await;
            } else if newest.wait_for(|newest| *newest > after).await.is_err() {
                return Ok(());
            }
        }
    }

    fn hand_on(&self, images: &[Image]) {
        let filtered = self.routes.iter().any(|route| !route.filter.is_empty());
        let mut batches = vec![Vec::with_capacity(images.len()); self.routes.len()];
        for image in images {
            let json = render(image, &self.table, &self.view);
            let value = if filtered { serde_json::from_str(&json).unwrap_or_default() } else { Value::Null };
            let record = Arc::new(Record {
                position: image.sequence.0,
                written_ms: image.created.saturating_mul(1000),
                json: json.into(),
                sequence: image.sequence.to_string().into(),
            });
            for (route, batch) in self.routes.iter().zip(&mut batches) {
                let lane = LaneId { source: SHARD, part: part(&image.keys, route.parallel) };
                let record = route.filter.matches(&value).then(|| Arc::clone(&record));
                batch.push(Arrival { lane, position: image.sequence.0, record });
            }
        }
        for (route, batch) in self.routes.iter().zip(batches) {
            send(route, Feed::Arrived(batch));
        }
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

/// A trigger whose poller has ended needs nothing any more.
fn send(route: &Route, feed: Feed) {
    drop(route.feed.send(feed));
}

/// The part of the shard that keeps the order of an item's records.
fn part(keys: &str, parallel: u32) -> u32 {
    if parallel < 2 {
        return 0;
    }
    // The store writes a key's attributes in any order; parsed they are sorted.
    let keys: Value = serde_json::from_str(keys).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    keys.to_string().hash(&mut hasher);
    u32::try_from(hasher.finish() % u64::from(parallel)).unwrap_or_default()
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

    #[test]
    fn an_item_keeps_to_one_part_however_its_key_is_written() {
        let parts: Vec<u32> = (0..100).map(|n| part(&format!(r#"{{"a":{{"S":"{n}"}},"b":{{"N":"1"}}}}"#), 4)).collect();
        assert!((0..4).all(|part| parts.contains(&part)));
        assert_eq!(parts[7], part(r#"{"b":{"N":"1"},"a":{"S":"7"}}"#, 4));
        assert_eq!(part("{}", 1), 0);
    }
}

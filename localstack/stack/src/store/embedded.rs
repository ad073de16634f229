//! The embedded table store: dynoxide's storage behind one lock, and what the stack reads of its streams directly.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use dynoxide::DynoxideError;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use rusqlite::Transaction;
use rusqlite::functions::FunctionFlags;
use tokio::sync::watch;

use super::guard::{Denied, Guard};
use super::stream::{self, Image, Sequence};
use super::tokens::{Seen, Tokens, fingerprint};
use super::{Round, StoreError, file, http, operations, ttl};
use crate::roles::Permission;
use crate::template::Template;

/// Makes every stream record that is written known to `note_stream_record`.
const NOTE: &str = "CREATE TEMP TRIGGER note_stream_record AFTER INSERT ON main._stream_records BEGIN
    SELECT note_stream_record(NEW.table_name, NEW.sequence_number); END";

/// A table store that speaks DynamoDB's HTTP API on loopback, in a file that is kept or in one that is not. Clones are the
/// same store.
#[derive(Clone)]
pub struct Embedded {
    shared: Arc<Shared>,
    endpoint: String,
    server: http::Server,
}

/// What every request and every reader of a stream shares.
pub(super) struct Shared {
    core: Mutex<Core>,
    streams: Mutex<HashMap<String, watch::Sender<Sequence>>>,
    written: Written,
    guard: OnceLock<Guard>,
}

struct Core {
    storage: Storage,
    lifecycle: VectorIndexLifecycle,
    tokens: Tokens,
}

/// The newest stream record of each table that the running operation wrote.
type Written = Arc<Mutex<BTreeMap<String, i64>>>;

impl Embedded {
    /// Starts a store, empty, on a loopback port; 0 takes a free one. It keeps nothing.
    pub async fn start(port: u16) -> Result<Self, StoreError> {
        Self::on(file::temporary(), port).await
    }

    /// Starts a store on a file, which is made if it is not there. What was answered outlives the process, however it ends.
    pub async fn open(path: &Path, port: u16) -> Result<Self, StoreError> {
        Self::on(file::kept(path), port).await
    }

    async fn on(storage: Result<Storage, DynoxideError>, port: u16) -> Result<Self, StoreError> {
        let shared = storage.and_then(Shared::new).map_err(|error| StoreError::Open(error.to_string()))?;
        let shared = Arc::new(shared);
        let (server, address) = http::serve(Arc::clone(&shared), port).await?;
        Ok(Self { shared, endpoint: format!("http://{address}"), server })
    }

    /// The URL that DynamoDB clients are pointed at.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Stops answering.
    pub fn stop(&self) {
        self.server.stop();
    }

    /// From now on holds the template's functions to their roles; to be called once, before they start.
    pub(crate) fn hold_to_roles(&self, template: &Template) {
        self.shared.guard.get_or_init(|| Guard::of(template));
    }

    /// What a function that is held to its role has used of it.
    pub(crate) fn used(&self, function: &str) -> BTreeSet<Permission> {
        self.shared.guard.get().map(|guard| guard.used(function)).unwrap_or_default()
    }

    /// The records of a table's stream after `after`, oldest first.
    pub fn read_stream(&self, table: &str, after: Sequence, limit: usize) -> Result<Vec<Image>, StoreError> {
        stream::read(self.shared.core().storage.conn(), table, after, limit)
            .map_err(|error| StoreError::call(format!("reading the stream of {table}"), error))
    }

    /// The newest record of a table's stream: it changes before the write that it records is answered.
    pub fn newest(&self, table: &str) -> watch::Receiver<Sequence> {
        self.shared.stream(table).subscribe()
    }

    /// Deletes stream records that every reader of the stream has passed, up to but without `passed`, which stays so
    /// that numbers never come again.
    pub fn trim_stream(&self, table: &str, passed: Sequence) -> Result<(), StoreError> {
        /// Records deleted under one lock.
        const PAGE: usize = 500;
        let page = || stream::trim(self.shared.core().storage.conn(), table, passed, PAGE);
        while page().map_err(|error| StoreError::call(format!("trimming the stream of {table}"), error))? == PAGE {}
        Ok(())
    }

    /// Looks at the next few items of every table, deletes those whose time to live is over and answers how many.
    pub fn expire(&self, round: &mut Round) -> Result<usize, StoreError> {
        ttl::sweep(&self.shared, round).map_err(|error| StoreError::call("deleting expired items", error))
    }

    /// Lets the stack keep something of its own in the same file: what `work` changes is written as one, and in order with
    /// the tables' writes. `what` says what it is for, should it fail.
    pub(crate) fn with_file<T>(
        &self,
        what: &str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let core = self.shared.core();
        let done = core.storage.conn().unchecked_transaction().and_then(|transaction| {
            let done = work(&transaction)?;
            transaction.commit().map(|()| done)
        });
        done.map_err(|error| StoreError::call(what, error))
    }

    /// Carries out a DynamoDB operation without HTTP; request and answer are its JSON.
    pub fn call(&self, operation: &str, request: &[u8]) -> Result<String, DynoxideError> {
        self.shared.call(operation, request)
    }
}

impl Shared {
    fn new(storage: Storage) -> Result<Self, DynoxideError> {
        let written = Written::default();
        let noted = Arc::clone(&written);
        storage.conn().set_prepared_statement_cache_capacity(256);
        stream::prepare(storage.conn())?;
        storage.conn().create_scalar_function("note_stream_record", 2, FunctionFlags::SQLITE_UTF8, move |call| {
            let (table, sequence): (String, String) = (call.get(0)?, call.get(1)?);
            lock(&noted).insert(table, sequence.parse().unwrap_or_default());
            Ok(0)
        })?;
        storage.conn().execute_batch(NOTE)?;
        let newest = stream::all_newest(storage.conn())?.into_iter();
        let streams = newest.map(|(table, newest)| (table, watch::Sender::new(newest))).collect();
        let core = Core { storage, lifecycle: VectorIndexLifecycle::new(), tokens: Tokens::default() };
        Ok(Self { core: Mutex::new(core), streams: Mutex::new(streams), written, guard: OnceLock::new() })
    }

    /// Whether whoever signed the request may do what it asks for.
    pub(super) fn authorize(&self, authorization: &str, operation: &str, request: &[u8]) -> Result<(), Denied> {
        self.guard.get().map_or(Ok(()), |guard| guard.check(authorization, operation, request))
    }

    /// Carries out one operation. A transaction whose client token was used before is answered as it was then.
    pub(super) fn call(&self, operation: &str, request: &[u8]) -> Result<String, DynoxideError> {
        let mut core = self.core();
        let token = if operation == "TransactWriteItems" { client_token(request) } else { None };
        let Some(token) = token else {
            return self.perform(&core, operation, request);
        };
        let (print, now) = (fingerprint(request), Instant::now());
        match core.tokens.seen(&token, print, now) {
            Seen::Same(answer) => Ok(answer.into()),
            Seen::Other => Err(DynoxideError::IdempotentParameterMismatchException(
                "the client token was used for another transaction".into(),
            )),
            Seen::No => {
                let answer = self.perform(&core, operation, request)?;
                core.tokens.remember(&token, print, &answer, now);
                Ok(answer)
            }
        }
    }

    /// Carries out one operation and lets readers know of the stream records it wrote.
    fn perform(&self, core: &Core, operation: &str, request: &[u8]) -> Result<String, DynoxideError> {
        let answer = operations::perform(&core.storage, &core.lifecycle, operation, request);
        let deleted = operation == "DeleteTable" && answer.is_ok();
        if deleted {
            stream::forget_deleted(core.storage.conn())?;
        }
        self.announce(core, answer.is_ok())?;
        if deleted {
            self.announce_left(core)?;
        }
        answer
    }

    /// Runs `work` on the storage and lets readers know of the stream records it wrote.
    pub(super) fn with_storage<T>(
        &self,
        work: impl FnOnce(&Storage) -> Result<T, DynoxideError>,
    ) -> Result<T, DynoxideError> {
        let core = self.core();
        let done = work(&core.storage);
        self.announce(&core, done.is_ok())?;
        done
    }

    /// Tells readers the newest record of each stream that was written to. What a failed operation noted may have
    /// been rolled back: then the storage knows.
    fn announce(&self, core: &Core, succeeded: bool) -> Result<(), DynoxideError> {
        for (table, sequence) in std::mem::take(&mut *lock(&self.written)) {
            let newest = if succeeded { Sequence(sequence) } else { stream::newest(core.storage.conn(), &table)? };
            self.stream(&table).send_replace(newest);
        }
        Ok(())
    }

    /// Tells readers the newest record that each stream still has: one who waits for a record that is gone does not look again.
    fn announce_left(&self, core: &Core) -> Result<(), DynoxideError> {
        for (table, newest) in &*lock(&self.streams) {
            newest.send_replace(stream::newest(core.storage.conn(), table)?);
        }
        Ok(())
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        lock(&self.core)
    }

    fn stream(&self, table: &str) -> watch::Sender<Sequence> {
        let mut streams = lock(&self.streams);
        if let Some(stream) = streams.get(table) {
            return stream.clone();
        }
        streams.entry(table.to_owned()).or_insert_with(|| watch::Sender::new(Sequence(0))).clone()
    }
}

/// A panic elsewhere while the lock was held leaves data that SQLite keeps consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn client_token(request: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Request {
        #[serde(rename = "ClientRequestToken")]
        token: Option<String>,
    }
    serde_json::from_slice::<Request>(request).ok()?.token
}

#[cfg(test)]
impl Embedded {
    /// A new store with a table `items`, whose key is `id` and which has a stream.
    pub(crate) async fn with_items() -> Self {
        let store = Self::start(0).await.unwrap();
        let table = serde_json::json!({
            "TableName": "items", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
        });
        store.call("CreateTable", table.to_string().as_bytes()).unwrap();
        store
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn call(store: &Embedded, operation: &str, request: Value) -> Result<Value, DynoxideError> {
        store.call(operation, request.to_string().as_bytes()).map(|answer| serde_json::from_str(&answer).unwrap())
    }

    fn put(store: &Embedded, item: Value) {
        call(store, "PutItem", json!({"TableName": "items", "Item": item})).unwrap();
    }

    #[tokio::test]
    async fn a_write_is_the_newest_stream_record_by_the_time_it_is_answered() {
        let store = Embedded::with_items().await;
        let mut newest = store.newest("items");
        assert_eq!(*newest.borrow_and_update(), Sequence(0));
        put(&store, json!({"id": {"S": "1"}, "n": {"N": "7"}}));
        assert!(newest.has_changed().unwrap());
        let records = store.read_stream("items", Sequence(0), 10).unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].sequence, *newest.borrow_and_update());
        let image: Value = serde_json::from_str(records[0].new.as_ref().unwrap()).unwrap();
        assert_eq!(image["n"]["N"], "7");
        assert!(store.read_stream("items", records[0].sequence, 10).unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_refused_write_leaves_no_stream_record() {
        let store = Embedded::with_items().await;
        put(&store, json!({"id": {"S": "1"}}));
        let before = *store.newest("items").borrow();
        let absent = json!({"Put": {"TableName": "items", "Item": {"id": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(id)"}});
        let other = json!({"Put": {"TableName": "items", "Item": {"id": {"S": "2"}}}});
        call(&store, "TransactWriteItems", json!({"TransactItems": [other, absent]})).unwrap_err();
        assert_eq!(*store.newest("items").borrow(), before);
        assert_eq!(store.read_stream("items", Sequence(0), 10).unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_transaction_sent_twice_is_carried_out_once() {
        let store = Embedded::with_items().await;
        let add = |by: &str| {
            json!({"ClientRequestToken": "token", "TransactItems": [{"Update": {
                "TableName": "items", "Key": {"id": {"S": "1"}}, "UpdateExpression": "ADD n :by",
                "ExpressionAttributeValues": {":by": {"N": by}}}}]})
        };
        call(&store, "TransactWriteItems", add("1")).unwrap();
        call(&store, "TransactWriteItems", add("1")).unwrap();
        let item = call(&store, "GetItem", json!({"TableName": "items", "Key": {"id": {"S": "1"}}})).unwrap();
        assert_eq!(item["Item"]["n"]["N"], "1");
        let other = call(&store, "TransactWriteItems", add("2")).unwrap_err();
        assert!(matches!(other, DynoxideError::IdempotentParameterMismatchException(_)));
    }

    #[tokio::test]
    async fn trimming_keeps_what_was_not_passed_and_numbers_go_on() {
        let store = Embedded::with_items().await;
        for id in ["1", "2", "3"] {
            put(&store, json!({"id": {"S": id}}));
        }
        let records = store.read_stream("items", Sequence(0), 10).unwrap();
        store.trim_stream("items", records[1].sequence).unwrap();
        let kept: Vec<_> = store.read_stream("items", Sequence(0), 10).unwrap().iter().map(|r| r.sequence).collect();
        assert_eq!(kept, [records[1].sequence, records[2].sequence]);
        put(&store, json!({"id": {"S": "4"}}));
        assert!(*store.newest("items").borrow() > records[2].sequence);
    }

    #[tokio::test]
    async fn a_table_made_anew_has_no_old_records() {
        let store = Embedded::with_items().await;
        put(&store, json!({"id": {"S": "1"}}));
        call(&store, "DeleteTable", json!({"TableName": "items"})).unwrap();
        assert!(store.read_stream("items", Sequence(0), 10).unwrap().is_empty());
    }

    #[tokio::test]
    async fn nobody_is_told_of_a_record_that_went_with_its_table() {
        let store = Embedded::with_items().await;
        put(&store, json!({"id": {"S": "1"}}));
        let newest = store.newest("items");
        assert!(*newest.borrow() > Sequence(0));
        call(&store, "DeleteTable", json!({"TableName": "items"})).unwrap();
        assert_eq!(*newest.borrow(), Sequence(0));
    }

    #[tokio::test]
    async fn expired_items_are_deleted_and_the_record_says_by_whom() {
        let store = Embedded::with_items().await;
        let ttl = json!({"TableName": "items", "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true}});
        call(&store, "UpdateTimeToLive", ttl).unwrap();
        put(&store, json!({"id": {"S": "old"}, "ttl": {"N": "1000"}}));
        put(&store, json!({"id": {"S": "new"}, "ttl": {"N": "99999999999"}}));
        put(&store, json!({"id": {"S": "none"}}));
        let mut round = Round::default();
        assert_eq!(store.expire(&mut round).unwrap(), 1);
        let last = store.read_stream("items", Sequence(0), 10).unwrap().pop().unwrap();
        assert_eq!((last.event.as_str(), last.keys.as_str()), ("REMOVE", r#"{"id":{"S":"old"}}"#));
        assert!(last.user.unwrap().contains("dynamodb.amazonaws.com"));
        assert_eq!(store.expire(&mut round).unwrap(), 0, "the round is at its end");
        put(&store, json!({"id": {"S": "late"}, "ttl": {"N": "1000"}}));
        assert_eq!(store.expire(&mut round).unwrap(), 1, "the next round begins at the first item");
    }

    #[tokio::test]
    async fn what_dynamodb_refuses_is_refused_by_its_name() {
        let store = Embedded::with_items().await;
        let bad = call(&store, "PutItem", json!({"TableName": "items", "Item": {"id": {"N": "x"}}})).unwrap_err();
        assert!(matches!(bad, DynoxideError::ValidationException(_)), "{bad:?}");
        let unknown = call(&store, "PutItem", json!({"TableName": "u-u", "Item": {"id": {"S": "x"}}})).unwrap_err();
        assert!(matches!(unknown, DynoxideError::ResourceNotFoundException(_)), "{unknown:?}");
    }
}

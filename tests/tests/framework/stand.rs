//! What the framework stands on in these tests: the embedded table store behind its HTTP API, and a store in front of it that
//! fails when told to.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use localstack::{provision, store, template};
use whenever::item::Item;
use whenever::ports::store::{ItemKey, Page, Put, Query, StoreError, Usage, WriteError};
use whenever::ports::{Clock, Pending, Platform, Store};
use whenever::{
    Aggregate, AggregateKey, DynamoStore, Envelope, Handled, Invocation, Letterbox, Needs, Outcome, Outgoing, Policy,
    Record, SettingError, Settings, SystemClock, SystemEntropy, outgoing,
};

/// What goes wrong with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not happen.
    Refused,
    /// It happens, and its answer is lost.
    AnswerLost,
    /// Another transaction is in the way.
    Conflict,
    /// It is never answered.
    Silent,
}

type Judge = Box<dyn Fn(&[Put]) -> Option<Fault> + Send + Sync>;

/// A fresh table store with its platform.
pub(crate) struct Stand {
    pub platform: Platform,
    settings: Settings,
    _tables: store::Embedded,
    faulty: Arc<Faulty>,
}

struct Faulty {
    inner: DynamoStore,
    judge: Mutex<Option<Judge>>,
    writes: AtomicU32,
}

impl Stand {
    pub(crate) async fn new() -> Self {
        let tables = store::Embedded::start(0).await.unwrap();
        let wanted = [table("kitchen", false), table("dead-letters", true)];
        provision::tables(tables.endpoint(), &wanted, &(Arc::new(|_: &str| {}) as localstack::Say)).await.unwrap();
        let settings: Settings = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL_DYNAMODB", tables.endpoint()),
            ("KITCHEN_TABLE", "kitchen"),
            ("DEAD_LETTERS_TABLE", "dead-letters"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
        let inner = DynamoStore::from_settings(&settings).unwrap();
        let faulty = Arc::new(Faulty { inner, judge: Mutex::new(None), writes: AtomicU32::new(0) });
        let platform = Platform {
            store: Arc::clone(&faulty) as Arc<dyn Store>,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        };
        Stand { platform, settings, _tables: tables, faulty }
    }

    /// From now on each write is judged before it happens.
    pub(crate) fn faults(&self, judge: impl Fn(&[Put]) -> Option<Fault> + Send + Sync + 'static) {
        *self.faulty.judge.lock().unwrap() = Some(Box::new(judge));
    }

    /// Writes tried so far.
    pub(crate) fn writes(&self) -> u32 {
        self.faulty.writes.load(Ordering::SeqCst)
    }

    /// The store as a function sees it that needs this.
    pub(crate) fn limited_to(&self, needs: Needs) -> Result<DynamoStore, SettingError> {
        DynamoStore::from_settings(&self.settings)?.limited_to(needs)
    }

    /// An invocation with this much time.
    pub(crate) fn invocation(&self, time: Duration) -> Invocation {
        Invocation { platform: self.platform.clone(), until: SystemClock.now().plus(time) }
    }

    /// Delivers a batch to a policy that has ten seconds.
    pub(crate) async fn deliver(&self, policy: &Policy, records: &[Record]) -> Vec<Outcome> {
        outcomes(policy.run(records, &self.invocation(Duration::from_secs(10))).await)
    }

    /// Puts an aggregate into its table.
    pub(crate) async fn put<A: Aggregate>(&self, id: &str, state: &A) {
        self.put_raw::<A>(id, &serde_json::to_value(state).unwrap()).await;
    }

    /// Puts an item into its table as if it were an aggregate.
    pub(crate) async fn put_raw<A: Aggregate>(&self, id: &str, state: &serde_json::Value) {
        let mut item = state.as_object().unwrap().clone();
        item.insert("pk".to_owned(), AggregateKey::of::<A>(id).pk().into());
        item.insert("version".to_owned(), 1.into());
        let put = Put { table: A::TABLE, item, when: whenever::ports::store::Condition::Any };
        self.faulty.inner.put(put).await.unwrap();
    }

    /// Reads an aggregate's item.
    pub(crate) async fn item<A: Aggregate>(&self, id: &str) -> Option<Item> {
        let key = ItemKey { table: A::TABLE, pk: AggregateKey::of::<A>(id).pk() };
        self.faulty.inner.load(&[key]).await.unwrap().remove(0)
    }

    /// Reads an aggregate.
    pub(crate) async fn state<A: Aggregate>(&self, id: &str) -> Option<A> {
        let item = self.item::<A>(id).await?;
        Some(serde_json::from_value(item.into()).unwrap())
    }

    /// The events in an aggregate's outbox.
    pub(crate) async fn outbox<A: Aggregate>(&self, id: &str) -> Vec<Envelope> {
        let events = outgoing(&self.item::<A>(id).await.unwrap()).unwrap();
        events.into_iter().map(|Outgoing { envelope, .. }| envelope).collect()
    }

    /// The dead letters as an operator sees them; no fault gets in the way.
    pub(crate) fn letterbox(&self) -> Letterbox {
        Letterbox::of(DynamoStore::from_settings(&self.settings).unwrap())
    }

    /// Everything in the dead letters.
    pub(crate) async fn dead_letters(&self) -> Vec<Item> {
        let all = Query { table: "dead-letters", consistent: true, ..Query::default() };
        self.faulty.inner.query(all).await.unwrap().items
    }
}

pub(crate) fn outcomes(handled: Vec<Handled>) -> Vec<Outcome> {
    handled.into_iter().map(|handled| handled.outcome).collect()
}

/// An event of the kitchen, keyed by `key`, as Kafka would deliver it.
pub(crate) fn record(id: &str, event_type: &str, key: &str, data: serde_json::Value) -> Record {
    let envelope = serde_json::json!({
        "specversion": "1.0", "id": id, "source": "/test", "type": event_type, "subject": key,
        "time": "2026-01-01T00:00:00.000Z", "partitionkey": key, "data": data,
    });
    raw(key, envelope.to_string().as_bytes())
}

/// A record of any bytes.
pub(crate) fn raw(key: &str, value: &[u8]) -> Record {
    Record {
        topic: "kitchen-events".to_owned(),
        key: Some(key.as_bytes().to_vec()),
        value: Some(value.to_vec()),
        ..Record::default()
    }
}

fn table(name: &str, sorted: bool) -> template::Table {
    let text = |name: &str| (name.to_owned(), "S".to_owned());
    let mut attributes = vec![text("pk")];
    let mut key = vec!["pk".to_owned()];
    let mut indexes = Vec::new();
    if sorted {
        attributes.push(text("sk"));
        key.push("sk".to_owned());
    } else {
        attributes.extend([text("dueShard"), text("dueAt")]);
        indexes.push(template::Index {
            name: whenever::DUE_INDEX.to_owned(),
            key: vec!["dueShard".to_owned(), "dueAt".to_owned()],
            projection: "KEYS_ONLY".to_owned(),
            include: Vec::new(),
        });
    }
    template::Table {
        name: name.to_owned(),
        logical_id: name.to_owned(),
        attributes,
        key,
        indexes,
        stream: None,
        ttl: None,
        backed_up: false,
    }
}

impl Faulty {
    async fn judged(
        &self,
        puts: Vec<Put>,
        write: impl AsyncFnOnce(Vec<Put>) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let fault = self.judge.lock().unwrap().as_ref().and_then(|judge| judge(&puts));
        let unavailable = || WriteError::Failed(StoreError::Unavailable("a fault".to_owned()));
        match fault {
            None => write(puts).await,
            Some(Fault::Refused) => Err(unavailable()),
            Some(Fault::Conflict) => Err(WriteError::Conflict),
            Some(Fault::Silent) => std::future::pending().await,
            Some(Fault::AnswerLost) => write(puts).await.and(Err(unavailable())),
        }
    }
}

impl Store for Faulty {
    fn load<'a>(&'a self, keys: &'a [ItemKey]) -> Pending<'a, Result<Vec<Option<Item>>, StoreError>> {
        self.inner.load(keys)
    }

    fn put(&self, put: Put) -> Pending<'_, Result<(), WriteError>> {
        Box::pin(self.judged(vec![put], async |mut puts: Vec<Put>| self.inner.put(puts.remove(0)).await))
    }

    fn transact(&self, puts: Vec<Put>) -> Pending<'_, Result<(), WriteError>> {
        Box::pin(self.judged(puts, async |puts| self.inner.transact(puts).await))
    }

    fn put_all(&self, table: &'static str, items: Vec<Item>) -> Pending<'_, Result<(), StoreError>> {
        self.inner.put_all(table, items)
    }

    fn query(&self, query: Query) -> Pending<'_, Result<Page, StoreError>> {
        self.inner.query(query)
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
    }
}

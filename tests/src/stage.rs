//! A stage: one local stack for the tests of a binary, started when the first of them enters.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use localstack::roles::Permission;
use localstack::triggers::RetryOrder;
use localstack::{Addresses, Options, Stack};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::RwLock;

use crate::apart::Apart;
use crate::client::Client;
use crate::secured::Entry;
use crate::shop::{Presence, Shop};
use crate::{broker, fail, faults};

/// One local stack and the tests on it.
#[derive(Debug)]
pub struct Stage {
    parameters: &'static [(&'static str, &'static str)],
    retry_order: RetryOrder,
    /// The broker; the embedded one where it answers nothing.
    kafka: fn() -> Option<String>,
    /// How the stack logs in there.
    login: Option<fn() -> Entry>,
    /// The table store; the embedded one where it answers nothing.
    tables: fn() -> Option<String>,
    /// How many requests the stack lets in at a time.
    most_requests: usize,
    /// The test that a process of the stack's own runs; none where the stack is in this process.
    apart: Option<&'static str>,
    running: OnceLock<Running>,
    /// Tests enter together; each leaves when all who are there have come to their end.
    pub(crate) door: RwLock<()>,
    numbers: AtomicU64,
    /// What some test has failed for already.
    reported: Mutex<BTreeSet<String>>,
    /// Keys of the dead letters that some test wanted.
    wanted: Mutex<BTreeSet<String>>,
}

enum Running {
    Here {
        stack: Stack,
        /// The stack's own: it lives longer than the runtime of any test.
        _runtime: Runtime,
    },
    Apart(Apart),
}

impl Stage {
    /// A stage whose stack runs with these values of the template's parameters.
    #[must_use]
    pub const fn new(parameters: &'static [(&'static str, &'static str)]) -> Self {
        Stage {
            parameters,
            retry_order: RetryOrder::FailedFirst,
            kafka: broker::given,
            login: None,
            tables: || None,
            most_requests: Options::MOST_REQUESTS,
            apart: None,
            running: OnceLock::new(),
            door: RwLock::const_new(()),
            numbers: AtomicU64::new(1),
            reported: Mutex::new(BTreeSet::new()),
            wanted: Mutex::new(BTreeSet::new()),
        }
    }

    /// The same, where later records of a partition do not wait for failed ones.
    #[must_use]
    pub const fn later_first(mut self) -> Self {
        self.retry_order = RetryOrder::LaterFirst;
        self
    }

    /// The same, on a broker that is started for it.
    #[must_use]
    pub const fn on(mut self, kafka: fn() -> Option<String>) -> Self {
        self.kafka = kafka;
        self
    }

    /// The same, on the secured broker.
    #[must_use]
    pub const fn logged_in(mut self, login: fn() -> Entry) -> Self {
        self.login = Some(login);
        self
    }

    /// The same, on tables elsewhere.
    #[must_use]
    pub const fn with_tables(mut self, tables: fn() -> Option<String>) -> Self {
        self.tables = tables;
        self
    }

    /// The same, where the stack lets so many requests in at a time.
    #[must_use]
    pub const fn letting_in(mut self, requests: usize) -> Self {
        self.most_requests = requests;
        self
    }

    /// The same in a process of its own, which can be killed, and with a data folder. `test` is the path of a test of the
    /// same binary that calls [`run_apart`](crate::run_apart).
    #[must_use]
    pub const fn apart(mut self, test: &'static str) -> Self {
        self.apart = Some(test);
        self
    }

    /// Enters beside other tests.
    pub async fn enter(&'static self) -> Shop {
        let presence = Presence::Beside(self.door.read().await);
        Shop::new(self, presence, Client::new())
    }

    /// Enters alone, for a test that puts faults on functions; whatever an earlier one left of them is cleared, and all is settled.
    pub async fn enter_alone(&'static self) -> Shop {
        let presence = Presence::Alone(self.door.write().await);
        let shop = Shop::new(self, presence, Client::new());
        faults::clear_all(&shop).await;
        // Those who left their places to this test may still have had work under way.
        shop.settle().await;
        shop
    }

    /// Where the stack answers.
    pub(crate) fn addresses(&self) -> Addresses {
        match self.running() {
            Running::Here { stack, .. } => stack.addresses().clone(),
            Running::Apart(apart) => apart.addresses(),
        }
    }

    /// The stack's process, where it has one of its own.
    pub(crate) fn process(&self) -> &Apart {
        match self.running() {
            Running::Apart(apart) => apart,
            Running::Here { .. } => fail("the stack has no process of its own"),
        }
    }

    fn running(&self) -> &Running {
        self.running.get_or_init(|| match self.apart {
            Some(test) => Running::Apart(Apart::start(test, (self.kafka)(), self.parameters, self.most_requests)),
            None => self.start(),
        })
    }

    /// Builds the functions and starts the stack on free ports, on a thread of its own: the caller has a runtime already.
    fn start(&self) -> Running {
        let login = self.login.map(|login| login().environment);
        let mut login: BTreeMap<String, String> =
            login.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect();
        let kafka = login.remove("KAFKA_BOOTSTRAP_SERVERS").or_else(self.kafka);
        let options = Options {
            template: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")),
            port: 0,
            lambda_port: 0,
            kafka,
            kafka_login: login,
            kafka_prefix: broker::own_prefix(),
            dynamodb: (self.tables)(),
            parameters: owned(self.parameters).collect(),
            most_requests: self.most_requests,
            retry_order: self.retry_order,
            ..Options::default()
        };
        let starting = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            let runtime = runtime.unwrap_or_else(|e| fail(e));
            let stack = runtime.block_on(Stack::start(options)).unwrap_or_else(|e| fail(e));
            Running::Here { stack, _runtime: runtime }
        });
        starting.join().unwrap_or_else(|_| fail("the local stack did not start"))
    }

    /// What a function has used of its role so far.
    pub(crate) fn used(&self, function: &str) -> BTreeSet<Permission> {
        match self.running.get() {
            Some(Running::Here { stack, .. }) => stack.used(function),
            // What a process used is not known outside of it.
            Some(Running::Apart(_)) | None => BTreeSet::new(),
        }
    }

    /// A number that no other test gets.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// A test wanted this dead letter.
    pub(crate) fn want(&self, letter: &Value) {
        locked(&self.wanted).insert(key(letter));
    }

    /// Of these dead letters those that nobody wanted.
    pub(crate) fn unwanted(&self, letters: Vec<Value>) -> Vec<Value> {
        let wanted = locked(&self.wanted);
        // What has no reason is no letter, but a part of one, or says that a key has some.
        let is_letter = |letter: &Value| letter["reason"].is_string();
        letters.into_iter().filter(|letter| is_letter(letter) && !wanted.contains(&key(letter))).collect()
    }

    /// Of these sentences those that nobody has failed for yet.
    pub(crate) fn news(&self, found: Vec<String>) -> Vec<String> {
        let mut reported = locked(&self.reported);
        found.into_iter().filter(|sentence| reported.insert(sentence.clone())).collect()
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

/// Values of parameters as a stack takes them.
pub(crate) fn owned(parameters: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
}

fn locked(set: &Mutex<BTreeSet<String>>) -> MutexGuard<'_, BTreeSet<String>> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key(letter: &Value) -> String {
    format!("{} {}", letter["pk"], letter["sk"])
}

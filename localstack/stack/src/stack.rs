//! A running stack: everything a template needs, started in order and ended together.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use whenever::{KafkaAccess, Settings};

use crate::broker::Broker;
use crate::data::{DataError, Folder};
use crate::error::Error;
use crate::function::{self, CREDENTIALS, Functions, NO_SECRET};
use crate::http::Api;
use crate::journal::Memory;
use crate::options::{Options, Say};
use crate::provision::Wish;
use crate::roles::Permission;
use crate::store::Store;
use crate::template::{KAFKA_BOOTSTRAP_SERVERS, Template};
use crate::triggers::Triggers;
use crate::{broker, outside, provision, serve, store};

/// How long it may take on a given broker until a consumer group has its partitions, without a word about it.
const JOINED_SOON: Duration = Duration::from_secs(15);

/// Where a running stack answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The HTTP API's URL.
    pub api: String,
    /// The Invoke API's URL.
    pub lambda: String,
    /// The table store's URL.
    pub dynamodb: String,
    /// The broker's `host:port`.
    pub kafka: String,
    /// What the stack's topics and consumer groups begin with there.
    #[serde(rename = "kafkaPrefix", default, skip_serializing_if = "String::is_empty")]
    pub kafka_prefix: String,
    /// The process that the stack runs in.
    pub pid: u32,
}

impl Addresses {
    /// The broker, with what the stack's topics are called there, as one sees it who needs no credentials.
    pub fn broker(&self) -> broker::Given {
        broker::Given::open(&self.kafka, &self.kafka_prefix)
    }
}

/// A running stack. What it started ends with `stop`, and at the latest with this process.
pub struct Stack {
    addresses: Addresses,
    functions: Functions,
    triggers: Arc<Triggers>,
    store: Store,
    /// Lives as long as the stack.
    _broker: Broker,
    /// Locked as long as the stack lives.
    _data: Option<Folder>,
    servers: JoinSet<Infallible>,
}

impl Stack {
    /// Starts everything, and returns when all of it is ready.
    pub async fn start(mut options: Options) -> Result<Self, Error> {
        let say = Arc::clone(&options.say);
        let (_, template) = options.read_template()?;
        serve::allow_many_connections();
        let mut servers = JoinSet::new();
        let outside = outside::start(&template.outside, &mut options.parameters, &mut servers).await;
        let outside = outside.map_err(Error::Outside)?;
        // Again, with the URLs of what stands in for outside systems.
        let (path, template) = options.read_template()?;
        let data = data_folder(&options, &template)?;
        let http = listen(options.port, "--port").await?;
        let invoke = listen(options.lambda_port, "--lambda-port").await?;

        let names: Vec<&str> = template.functions.iter().map(|function| function.name.as_str()).collect();
        if options.build == function::Build::Cargo {
            say("building functions ...");
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let binaries = function::binaries(&options.build, folder, &names, !options.kafka_login.is_empty()).await?;

        let kept = match &data {
            Some(folder) => Some(store::Embedded::open(&folder.tables(), 0).await?),
            None => None,
        };
        let broker = message_broker(&options, &template).await?;
        let memory = Memory::open(kept.as_ref(), &broker, &template, &say)?;
        if let Some(folder) = &data {
            folder.accept()?;
        }
        let store = table_store(&options, kept, &template).await?;
        let overrides = environment(&options, &store, &broker);
        let journal = memory.journal.clone();
        let functions = Functions::start(&template.functions, &binaries, overrides, journal, &say);
        let functions = functions.map_err(Error::Spawner)?;
        let triggers =
            Triggers::start(&template, functions.clone(), &store, &broker, memory, options.retry_order, &say)?;
        let triggers = Arc::new(triggers);
        let addresses = Addresses {
            api: url(&http, options.port),
            lambda: url(&invoke, options.lambda_port),
            dynamodb: store.endpoint().to_owned(),
            kafka: broker.bootstrap().to_owned(),
            kafka_prefix: broker.seen().prefix,
            pid: std::process::id(),
        };
        let client = store::dynamodb(store.endpoint());
        let api = Api::new(
            &template,
            functions.clone(),
            Arc::clone(&triggers),
            outside,
            client,
            addresses.clone(),
            options.most_requests,
        );
        let api = Arc::new(api);
        servers.spawn(Arc::clone(&api).serve_http(http));
        servers.spawn(api.serve_invoke(invoke));
        until_ready(&triggers, &say).await;
        if let Some(file) = &options.ready_file {
            write_ready_file(file, &addresses)?;
        }
        Ok(Self { addresses, functions, triggers, store, _broker: broker, _data: data, servers })
    }

    /// Where it answers.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What a function has used of its role so far; nothing where the store is a given one, or the template says no role.
    pub fn used(&self, function: &str) -> BTreeSet<Permission> {
        match &self.store {
            Store::Embedded(store) => store.used(function),
            Store::Remote(_) => BTreeSet::new(),
        }
    }

    /// Ends everything; returns when no process is left.
    pub async fn stop(mut self) {
        self.servers.shutdown().await;
        self.triggers.stop().await;
        self.functions.stop().await;
        self.store.stop();
    }
}

/// Waits until every trigger on a topic has partitions, and says what it waits for if that takes long.
async fn until_ready(triggers: &Triggers, say: &Say) {
    if tokio::time::timeout(JOINED_SOON, triggers.ready()).await.is_err() {
        for trigger in triggers.without_partitions() {
            say(&format!("{trigger} waits for partitions; another stack may be reading them, or the broker is gone"));
        }
        triggers.ready().await;
    }
}

async fn listen(port: u16, option: &'static str) -> Result<TcpListener, Error> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|why| Error::Port { port, option, why })
}

fn url(listener: &TcpListener, wanted: u16) -> String {
    let port = listener.local_addr().map_or(wanted, |address| address.port());
    format!("http://127.0.0.1:{port}")
}

/// The folder that state is kept in, found to be usable; that comes first, because building takes long.
fn data_folder(options: &Options, template: &Template) -> Result<Option<Folder>, DataError> {
    let Some(path) = &options.data else { return Ok(None) };
    if options.kafka.is_some() && options.dynamodb.is_some() {
        return Err(DataError::NothingToKeep);
    }
    Folder::open(path, template).map(Some)
}

/// The table store, with the template's tables.
async fn table_store(options: &Options, kept: Option<store::Embedded>, template: &Template) -> Result<Store, Error> {
    let Some(url) = &options.dynamodb else {
        (options.say)("starting the table store ...");
        let store = match kept {
            Some(store) => store,
            None => store::Embedded::start(0).await?,
        };
        store.hold_to_roles(template);
        let store = Store::Embedded(store);
        // That an empty store gets every table goes without saying.
        let quiet: Say = Arc::new(|_| {});
        provision::tables(store.endpoint(), &template.tables, &quiet).await?;
        return Ok(store);
    };
    let store = Store::Remote(store::Remote::at(url));
    provision::tables(store.endpoint(), &template.tables, &options.say).await?;
    Ok(store)
}

/// The broker, with the template's topics.
async fn message_broker(options: &Options, template: &Template) -> Result<Broker, Error> {
    let Some(brokers) = &options.kafka else {
        (options.say)("starting the broker ...");
        return Ok(Broker::Embedded(broker::Embedded::start(&template.topics)?));
    };
    let settings = options.kafka_login.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let settings: Settings = settings.chain([(KAFKA_BOOTSTRAP_SERVERS, brokers.as_str())]).collect();
    let access = KafkaAccess::from_settings(&settings).map_err(Error::Login)?;
    let broker = broker::Given { access, prefix: options.kafka_prefix.clone() };
    for step in provision::topics(&broker, &template.topics, &Wish::default()).await? {
        (options.say)(&step.told(false));
    }
    Ok(Broker::Given(broker))
}

/// What every function's environment has from the stack.
fn environment(options: &Options, store: &Store, broker: &Broker) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::from([
        ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), store.endpoint().to_owned()),
        (KAFKA_BOOTSTRAP_SERVERS.to_owned(), broker.bootstrap().to_owned()),
        // Whatever the template says of a deployment's brokers.
        ("KAFKA_AUTHENTICATION".to_owned(), String::new()),
    ]);
    if matches!(broker, Broker::Embedded(_)) {
        // It looks through all its batches at each fetch: fewer and larger ones are quicker.
        environment.insert("KAFKA_COMPRESSION".to_owned(), "none".to_owned());
    }
    let prefix = broker.seen().prefix;
    if !prefix.is_empty() {
        environment.insert("KAFKA_TOPIC_PREFIX".to_owned(), prefix);
    }
    // A real table store wants real credentials; the embedded one knows each function by its own.
    if options.dynamodb.is_some() {
        for name in CREDENTIALS {
            match std::env::var(name) {
                Ok(value) => environment.insert(name.to_owned(), value),
                _ if name == "AWS_SESSION_TOKEN" => None,
                _ => environment.insert(name.to_owned(), NO_SECRET.to_owned()),
            };
        }
    }
    // Credentials of a broker are good for a table store too: the embedded one takes any.
    environment.extend(options.kafka_login.clone());
    environment
}

/// Whoever waits for the file sees all of it or nothing.
fn write_ready_file(path: &Path, addresses: &Addresses) -> Result<(), Error> {
    let written = path.with_extension("partial");
    let write = || {
        std::fs::write(&written, serde_json::to_vec(addresses)?)?;
        std::fs::rename(&written, path)
    };
    write().map_err(|error| Error::ReadyFile(path.to_owned(), error))
}

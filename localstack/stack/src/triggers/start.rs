//! Starting a template's triggers: a poller for each, and the readers that feed them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::BaseConsumer;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::event::Origin;
use super::keeper::{Keeper, Kept};
use super::lane::{Retry, RetryOrder};
use super::poller::{Poller, Setup};
use super::positions::{Client, Positions};
use super::pressure::Pressure;
use super::progress::{Progress, State};
use super::record::{Feed, SourceId};
use super::route::{FIRST, Route};
use super::shards::Shards;
use super::target::Target;
use super::topic::Losses;
use super::undertaker::Undertaker;
use super::{TriggerError, Triggers, Watched, What, schedule, stream, topic};
use crate::Say;
use crate::broker::{self, Broker, BrokerError, Change, Given, Member, Publisher};
use crate::function::Functions;
use crate::journal::{Journal, Memory, Reader};
use crate::store::{Embedded, Remote, Round, Store};
use crate::template::{Function, KafkaTrigger, Polling, StreamTrigger, Template, Topic, Trigger};

/// How often the next few items are looked at for whether they have expired.
const EXPIRY: Duration = Duration::from_secs(1);

/// The triggers on each table's stream.
type StreamRoutes = HashMap<String, Vec<(Route, watch::Receiver<State>)>>;

/// What is gathered while the triggers start.
struct Start<'s, T> {
    template: &'s Template,
    functions: T,
    broker: Given,
    order: RetryOrder,
    say: &'s Say,
    publisher: Publisher,
    pressure: Pressure,
    losses: Losses,
    /// Shared by all readers of topics.
    failing: Arc<AtomicBool>,
    embedded_broker: bool,
    embedded_store: bool,
    memory: Memory,
    watched: Vec<Watched>,
    /// Those of them whose positions are saved.
    kept: Vec<Kept>,
    tasks: JoinSet<()>,
}

impl Triggers {
    /// Starts every enabled trigger of the template. The order says what a lane does while records of it fail.
    pub(crate) fn start(
        template: &Template,
        functions: Functions,
        store: &Store,
        broker: &Broker,
        memory: Memory,
        order: RetryOrder,
        say: &Say,
    ) -> Result<Self, TriggerError> {
        Self::start_on(template, functions, store, broker, memory, order, say)
    }

    /// As [`Triggers::start`], invoking something else than functions.
    pub(super) fn start_on(
        template: &Template,
        functions: impl Target,
        store: &Store,
        broker: &Broker,
        memory: Memory,
        order: RetryOrder,
        say: &Say,
    ) -> Result<Self, TriggerError> {
        let mut start = Start {
            template,
            functions,
            broker: broker.seen(),
            order,
            say,
            publisher: Publisher::new(broker.seen(), Arc::clone(say)),
            pressure: Pressure::new(Arc::clone(say)),
            losses: Losses::default(),
            failing: Arc::default(),
            embedded_broker: matches!(broker, Broker::Embedded(_)),
            embedded_store: matches!(store, Store::Embedded(_)),
            memory,
            watched: Vec::new(),
            kept: Vec::new(),
            tasks: JoinSet::new(),
        };
        let (mut topics, mut streams) = (HashMap::new(), HashMap::new());
        for function in &template.functions {
            for trigger in &function.triggers {
                match trigger {
                    Trigger::Kafka(trigger) if trigger.polling.enabled => {
                        start.topic(function, trigger, &mut topics)?
                    }
                    Trigger::Stream(trigger) if trigger.polling.enabled => {
                        start.stream(function, trigger, &mut streams)?
                    }
                    Trigger::Schedule(schedule) => {
                        let (name, functions) = (function.name.clone(), start.functions.clone());
                        start.tasks.spawn(schedule::run(name, schedule.clone(), functions));
                    }
                    _ => {}
                }
            }
        }
        start.keep_disabled();
        if start.embedded_broker {
            start.read_topics(topics)?;
        }
        match store {
            Store::Embedded(store) => start.read_streams(store, streams),
            Store::Remote(store) => start.read_remote_streams(store, streams),
        }
        let access = broker.seen().access;
        // What nobody polls keeps what it has to say.
        let client = (access.config().set_log_level(RDKafkaLogLevel::Error))
            .create_with_context::<_, BaseConsumer<_>>(access.connection())
            .map_err(BrokerError::call("making a client"))?;
        let Memory { journal, saved } = start.memory;
        let origins = journal.as_ref().map(Journal::origins).cloned().unwrap_or_default();
        let keeper = saved.map(|saved| Keeper::new(saved, journal, start.kept, Arc::clone(say)));
        if let Some(keeper) = keeper.clone() {
            start.tasks.spawn(keeper.run());
        }
        Ok(Self {
            watched: start.watched,
            origins,
            keeper,
            pressure: start.pressure,
            losses: start.losses,
            deadlines: template.deadlines.clone(),
            store: store.clone(),
            broker: broker.seen(),
            client: Arc::new(client),
            tasks: start.tasks.into(),
        })
    }
}

impl<T: Target> Start<'_, T> {
    fn topic(
        &mut self,
        function: &Function,
        trigger: &KafkaTrigger,
        routes: &mut HashMap<String, Vec<topic::Route>>,
    ) -> Result<(), TriggerError> {
        let topic = self.template.topics.iter().find(|topic| topic.name == trigger.topic);
        let topic = topic.ok_or_else(|| TriggerError::UnknownTopic {
            function: function.name.clone(),
            topic: trigger.topic.clone(),
        })?;
        let (sender, feed) = mpsc::unbounded_channel();
        let reader = Reader::of_topic(&trigger.group, &topic.name);
        let from = self.memory.saved.as_ref().map(|saved| saved.of(&reader)).unwrap_or_default();
        let route = topic::Route { filter: trigger.polling.filter.clone(), from: from.clone(), feed: sender.clone() };
        let (progress, state) = Progress::new();
        let (client, concurrency) = if self.embedded_broker {
            let start = |n| (SourceId(n), from.get(&n).copied().unwrap_or_default());
            drop(sender.send(Feed::Assigned((0..topic.partitions.unsigned_abs()).map(start).collect())));
            self.kept.push(Kept { reader, topic: Some(topic.name.clone()), state: state.clone() });
            routes.entry(topic.name.clone()).or_default().push(route);
            let partitions = usize::try_from(topic.partitions).unwrap_or(1);
            (Client::outside(self.broker.bootstrap(), &trigger.group)?, partitions.min(function.concurrency))
        } else {
            (Client::Member(self.member(trigger, route, &state)?), function.concurrency)
        };
        let origins = self.memory.journal.as_ref().map(|journal| journal.origins().of_topic(&topic.name));
        let name = self.broker.name(&topic.name);
        let positions = Positions::start(name, origins.unwrap_or_default(), client, Arc::clone(self.say));
        let origin = Origin::Topic { topic: topic.name.clone(), bootstrap: self.broker.bootstrap().to_owned() };
        let setup = Setup {
            concurrency: concurrency.max(1),
            positions: Some(positions.clone()),
            pressure: self.embedded_broker.then(|| self.pressure.clone()),
            ..self.setup(function, origin, &trigger.polling)
        };
        self.watch(function, What::Topic { topic: topic.name.clone(), positions }, state);
        self.tasks.spawn(Poller::new(setup, feed, progress).run());
        Ok(())
    }

    /// Joins the trigger's group and reads what the member gets.
    fn member(
        &mut self,
        trigger: &KafkaTrigger,
        route: topic::Route,
        state: &watch::Receiver<State>,
    ) -> Result<Arc<Member>, TriggerError> {
        let changes = route.feed.clone();
        let on_change = move |change| {
            let sources = |partitions: Vec<i32>| partitions.into_iter().map(|n| SourceId(n.unsigned_abs()));
            let feed = match change {
                // Where they start is known once something was read.
                Change::Assigned(partitions) => Feed::Assigned(sources(partitions).map(|source| (source, 0)).collect()),
                Change::Revoked(partitions) => Feed::Revoked(sources(partitions).collect()),
            };
            // A trigger whose poller has ended needs nothing any more.
            drop(changes.send(feed));
        };
        let polling = &trigger.polling;
        let member = Member::join(&self.broker, &trigger.topic, &trigger.group, polling.from_start, on_change)?;
        let member = Arc::new(member);
        let reader = topic::Reader {
            routes: HashMap::from([(trigger.topic.clone(), vec![route])]),
            broker: self.broker.clone(),
            say: Arc::clone(self.say),
            failing: Arc::clone(&self.failing),
            paused_by: Some(state.clone()),
            losses: None,
            journal: None,
        };
        let consumer = Arc::clone(&member);
        self.tasks.spawn(async move { reader.read(consumer.consumer()).await });
        Ok(member)
    }

    fn stream(
        &mut self,
        function: &Function,
        trigger: &StreamTrigger,
        routes: &mut StreamRoutes,
    ) -> Result<(), TriggerError> {
        let table = self.template.tables.iter().find(|table| table.name == trigger.table);
        if table.is_none_or(|table| table.stream.is_none()) {
            let (function, table) = (function.name.clone(), trigger.table.clone());
            return Err(TriggerError::NoStream { function, table });
        }
        let (sender, feed) = mpsc::unbounded_channel();
        let setup = Setup {
            concurrency: trigger.parallel.clamp(1, function.concurrency.max(1)),
            hold: self.embedded_broker.then(|| self.pressure.clone()),
            ..self.setup(function, Origin::Stream { table: trigger.table.clone() }, &trigger.polling)
        };
        let (progress, state) = Progress::new();
        self.watch(function, What::Stream { table: trigger.table.clone(), reads: None }, state.clone());
        self.tasks.spawn(Poller::new(setup, feed, progress).run());
        let reader = Reader::of_stream(&function.name, &trigger.table);
        let mut from = FIRST;
        // A given store's shards are numbered anew at each start.
        if self.embedded_store {
            let saved = self.memory.saved.as_ref().map(|saved| saved.of(&reader)).unwrap_or_default();
            from = saved.get(&stream::SHARD.0).copied().unwrap_or(from);
            self.kept.push(Kept { reader, topic: None, state: state.clone() });
        }
        let parallel = u32::try_from(trigger.parallel).unwrap_or(1);
        let polling = &trigger.polling;
        let filter = polling.filter.clone();
        let route = Route { filter, parallel, from_start: polling.from_start, from, feed: sender };
        routes.entry(trigger.table.clone()).or_default().push((route, state));
        Ok(())
    }

    /// Keeps how far disabled triggers are, and with it what they have not read, until they are enabled again.
    fn keep_disabled(&mut self) {
        let Some(saved) = &self.memory.saved else { return };
        for function in &self.template.functions {
            for trigger in &function.triggers {
                let (reader, topic) = match trigger {
                    Trigger::Kafka(kafka) if self.embedded_broker && !kafka.polling.enabled => {
                        (Reader::of_topic(&kafka.group, &kafka.topic), Some(kafka.topic.clone()))
                    }
                    Trigger::Stream(stream) if self.embedded_store && !stream.polling.enabled => {
                        (Reader::of_stream(&function.name, &stream.table), None)
                    }
                    _ => continue,
                };
                let next = saved.of(&reader);
                // One that was never enabled has nothing to keep; another trigger of the same group goes on by itself.
                if next.is_empty() || self.kept.iter().any(|kept| kept.reader == reader) {
                    continue;
                }
                let (progress, state) = Progress::new();
                let done = next.into_iter().map(|(source, next)| (SourceId(source), next)).collect();
                progress.update(|state| state.done = done);
                self.kept.push(Kept { reader, topic, state });
            }
        }
    }

    fn setup(&self, function: &Function, origin: Origin, polling: &Polling) -> Setup<T> {
        Setup {
            function: function.name.clone(),
            functions: self.functions.clone(),
            origin,
            batch_size: polling.batch_size.max(1),
            window: polling.window,
            partial_answers: polling.partial_answers,
            retry: Retry {
                most: polling.retries,
                max_age: polling.record_age,
                bisect: polling.bisect,
                order: self.order,
            },
            concurrency: 1,
            positions: None,
            hold: None,
            pressure: None,
            undertaker: Undertaker {
                publisher: self.publisher.clone(),
                topic: polling.on_failure.clone(),
                journal: self.memory.journal.clone(),
                say: Arc::clone(self.say),
            },
        }
    }

    fn watch(&mut self, function: &Function, what: What, state: watch::Receiver<State>) {
        self.watched.push(Watched { function: function.name.clone(), what, state });
    }

    /// Starts the one reader of the embedded broker's topics.
    fn read_topics(&mut self, routes: HashMap<String, Vec<topic::Route>>) -> Result<(), TriggerError> {
        let topics: Vec<Topic> =
            self.template.topics.iter().filter(|topic| routes.contains_key(&topic.name)).cloned().collect();
        let consumer = broker::reader(self.broker.bootstrap(), &topics)?;
        let reader = topic::Reader {
            routes,
            broker: self.broker.clone(),
            say: Arc::clone(self.say),
            failing: Arc::clone(&self.failing),
            paused_by: None,
            losses: Some(self.losses.clone()),
            journal: self.memory.journal.clone(),
        };
        self.tasks.spawn(async move { reader.read(&consumer).await });
        Ok(())
    }

    /// Starts a reader for each trigger on a stream of the embedded store, and what deletes the records that all of a stream have passed.
    fn read_streams(&mut self, store: &Embedded, mut routes: StreamRoutes) {
        if self.template.tables.iter().any(|table| table.ttl.is_some()) {
            self.tasks.spawn(expire(store.clone(), Arc::clone(self.say)));
        }
        for table in &self.template.tables {
            let Some(view) = table.stream.clone() else { continue };
            let triggers = routes.remove(&table.name).unwrap_or_default();
            let kept = self.kept.iter().filter(|kept| kept.reader.reads_stream(&table.name));
            let readers = kept.map(|kept| kept.state.clone()).collect();
            self.tasks.spawn(stream::trim(store.clone(), table.name.clone(), readers, Arc::clone(self.say)));
            for (route, state) in triggers {
                let (store, table, view) = (store.clone(), table.name.clone(), view.clone());
                let (stream, say) = (stream::Stream { store, table, view, route, state }, Arc::clone(self.say));
                self.tasks.spawn(async move {
                    if let Err(error) = stream.read().await {
                        say(&error.to_string());
                    }
                });
            }
        }
    }

    /// Starts a reader for each trigger on a stream of a given store.
    fn read_remote_streams(&mut self, store: &Remote, routes: StreamRoutes) {
        for (table, triggers) in routes {
            for (route, state) in triggers {
                let watched = self.watched.iter_mut().find(|watched| watched.state.same_channel(&state));
                let (shards, view) = Shards::new(store.clone(), table.clone(), route, state, Arc::clone(self.say));
                if let Some(Watched { what: What::Stream { reads, .. }, .. }) = watched {
                    *reads = Some(view);
                }
                self.tasks.spawn(shards.read());
            }
        }
    }
}

/// Deletes expired items of the embedded store now and then, as DynamoDB does, until the task is ended.
async fn expire(store: Embedded, say: Say) {
    let mut round = Round::default();
    loop {
        tokio::time::sleep(EXPIRY).await;
        let store = store.clone();
        let looked = tokio::task::spawn_blocking(move || (store.expire(&mut round), round));
        // Otherwise the runtime ends.
        let Ok((done, next)) = looked.await else { return };
        round = next;
        if let Err(error) = done {
            say(&error.to_string());
        }
    }
}

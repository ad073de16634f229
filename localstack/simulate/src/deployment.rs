//! The shop as template.yaml deploys it, on simulated tables, topics and triggers.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use localstack::template::{self, Filter, KafkaTrigger, Template, Trigger};
use serde_json::{Map, Value, json};
use shop::catalog::Like;
use shop::coupon::Coupon;
use shop::data_platform;
use shop::delivery::Delivery;
use shop::inventory::Product;
use shop::order::Order;
use shop::payment::Account;
use whenever::item::Item;
use whenever::simulation::{self, Index, Setup, Simulation, Subscription, Table};
use whenever::{Aggregate, DEAD_LETTERS, Settings, table_variable};

use crate::functions::function;

/// The table of `record-timeline`.
pub(crate) const TIMELINE: &str = "timeline";

/// What the functions call their tables; the variable `ORDERS_TABLE` says which of the template's it is.
const CONTEXTS: [&str; 9] = [
    Order::TABLE,
    Delivery::TABLE,
    Product::TABLE,
    Account::TABLE,
    Coupon::TABLE,
    Like::TABLE,
    data_platform::TABLE,
    TIMELINE,
    DEAD_LETTERS,
];

/// How long orders may stay PENDING, in seconds: hardly as long as an outage, or far longer than any.
pub(crate) const DEADLINES: [&str; 3] = ["5", "60", "600"];

/// The template, read once for many runs.
pub struct Deployment {
    /// With each of the [`DEADLINES`].
    templates: BTreeMap<&'static str, Template>,
    /// The template's names of the tables by the functions' own.
    tables: BTreeMap<String, &'static str>,
}

impl Deployment {
    /// Reads the template that this program was built with.
    ///
    /// # Errors
    ///
    /// Says what in it cannot be simulated.
    pub fn read() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let (mut templates, mut tables) = (BTreeMap::new(), BTreeMap::new());
        for deadline in DEADLINES {
            let values = [("DataPlatformUrl", "http://platform.example"), ("DeadlineSeconds", deadline)];
            let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let template = Template::parse(include_str!("../../../template.yaml"), &root, &values);
            let template = template.map_err(|error| format!("template.yaml: {error}"))?;
            for context in CONTEXTS {
                let variable = table_variable(context);
                let name = template.functions.iter().find_map(|function| function.environment.get(&variable));
                let name = name.ok_or_else(|| format!("template.yaml: no function has the variable {variable}"))?;
                tables.insert(name.clone(), context);
            }
            templates.insert(deadline, template);
        }
        Ok(Deployment { templates, tables })
    }

    /// A simulation of it with this one of the [`DEADLINES`], and with so many partitions to each topic.
    pub(crate) fn simulation(&self, setup: &Setup, deadline: &str, partitions: usize) -> Result<Simulation, String> {
        let template =
            self.templates.get(deadline).ok_or_else(|| format!("no template has the deadline {deadline}"))?;
        let mut simulation = self.places(template, setup, partitions)?;
        for function in &template.functions {
            self.add(&mut simulation, function)?;
            self.connect(&mut simulation, function)?;
        }
        Ok(simulation)
    }

    /// A template's tables and topics alone, with so many partitions to each topic.
    ///
    /// # Errors
    ///
    /// Says which table no function knows.
    pub fn places(&self, template: &Template, setup: &Setup, partitions: usize) -> Result<Simulation, String> {
        let mut simulation = Simulation::new(setup);
        for table in &template.tables {
            let name = self.context(&table.name)?;
            simulation.table(Table {
                name,
                indexes: table.indexes.iter().map(index).collect(),
                streamed: table.stream.is_some(),
            });
        }
        for topic in &template.topics {
            simulation.topic(&topic.name, partitions);
        }
        Ok(simulation)
    }

    /// The template, with each deadline.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.templates.values()
    }

    /// Adds a function, which nothing invokes yet.
    ///
    /// # Errors
    ///
    /// Says what cannot be simulated.
    pub fn add(&self, simulation: &mut Simulation, deployed: &template::Function) -> Result<(), String> {
        let name = deployed.name.clone();
        let settings: Settings =
            deployed.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (broker, outside) = (simulation.broker(), simulation.outside());
        let make = move || function(&name, &settings, &broker, &outside);
        match make() {
            None => {
                return Err(format!(
                    "function {} of the template is not simulated; add it to functions.rs",
                    deployed.name
                ));
            }
            Some(Err(error)) => return Err(format!("function {}: {error}", deployed.name)),
            Some(Ok(_)) => {}
        }
        // It was made a moment ago, from the same settings.
        simulation.function(&deployed.name, deployed.timeout, move || {
            make().and_then(Result::ok).unwrap_or_else(|| whenever::Policy::named("none").into())
        });
        Ok(())
    }

    /// Lets its triggers invoke a function.
    fn connect(&self, simulation: &mut Simulation, deployed: &template::Function) -> Result<(), String> {
        for trigger in &deployed.triggers {
            match trigger {
                Trigger::Http(_) => {}
                Trigger::Kafka(kafka) => simulation.on_topic(&deployed.name, subscription(kafka)),
                Trigger::Stream(stream) => {
                    let filter = shows(&stream.polling.filter);
                    simulation.on_stream(&deployed.name, self.context(&stream.table)?, filter);
                }
                Trigger::Schedule(_) => simulation.every_minute(&deployed.name),
            }
        }
        Ok(())
    }

    fn context(&self, table: &str) -> Result<&'static str, String> {
        self.tables.get(table).copied().ok_or_else(|| format!("template.yaml: table {table} belongs to no context"))
    }
}

fn index(index: &template::Index) -> Index {
    let key = |at: usize| index.key.get(at).cloned();
    Index { name: index.name.clone(), partition: key(0).unwrap_or_default(), sort: key(1) }
}

fn subscription(kafka: &KafkaTrigger) -> Subscription {
    let polling = &kafka.polling;
    Subscription {
        topic: kafka.topic.clone(),
        batch_size: polling.batch_size,
        filter: passes(&polling.filter),
        retries: polling.retries,
        record_age: polling.record_age,
        bisect: polling.bisect,
        on_failure: polling.on_failure.clone(),
    }
}

fn passes(filter: &Filter) -> Option<simulation::Filter<Value>> {
    let filter = filter.clone();
    (!filter.is_empty()).then(|| Rc::new(move |record: &Value| filter.matches(record)) as _)
}

/// A stream's filter, which looks at the item's texts.
fn shows(filter: &Filter) -> Option<simulation::Filter<Item>> {
    let filter = filter.clone();
    let names: Vec<String> = filter.fields(&["dynamodb", "NewImage"]).into_iter().map(str::to_owned).collect();
    let image = move |item: &Item| {
        let text = |name: &String| Some((name.clone(), json!({ "S": item.get(name)?.as_str()? })));
        json!({ "dynamodb": { "NewImage": names.iter().filter_map(text).collect::<Map<String, Value>>() } })
    };
    (!filter.is_empty()).then(|| Rc::new(move |item: &Item| filter.matches(&image(item))) as _)
}

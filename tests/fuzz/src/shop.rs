//! The shop as template.yaml deploys it, on simulated tables in which a little stands, with nothing going on but what is asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use localstack::template::{Function, Template, Trigger};
use serde::Deserialize;
use serde_json::Value;
use simulate::Deployment;
use whenever::item::{Item, PK, SK};
use whenever::simulation::{Faults, Setup, Simulation};
use whenever::{Answer, DEAD_LETTERS};

use crate::goods;

static DEPLOYMENT: LazyLock<Deployment> = LazyLock::new(|| Deployment::read().unwrap_or_else(|problem| fail(&problem)));

static TEMPLATE: LazyLock<&Template> =
    LazyLock::new(|| DEPLOYMENT.templates().next().unwrap_or_else(|| fail("there is no template")));

/// What stands in the tables of each new shop.
static GOODS: LazyLock<Items> = LazyLock::new(goods::goods);

/// One shop.
pub(crate) struct Shop(Simulation);

/// Items by table, partition key and sort key.
pub(crate) type Items = BTreeMap<(&'static str, String, String), Arc<Item>>;

/// A payload of this shape; a list is no object, whatever serde makes of it.
pub(crate) fn object<'p, T: Deserialize<'p>>(payload: &'p str) -> Option<T> {
    (!payload.trim_start().starts_with('[')).then(|| serde_json::from_str(payload).ok()).flatten()
}

/// The functions that have such a trigger.
pub(crate) fn functions(wanted: impl Fn(&Trigger) -> bool) -> impl Iterator<Item = &'static Function> {
    TEMPLATE.functions.iter().filter(move |function| function.triggers.iter().any(&wanted))
}

/// The function of this name.
pub(crate) fn function(name: &str) -> &'static Function {
    functions(|_| true).find(|function| function.name == name).unwrap_or_else(|| fail(name))
}

/// The functions with their routes.
pub(crate) fn routes() -> impl Iterator<Item = (&'static Function, String)> {
    let route = |trigger: &Trigger| match trigger {
        Trigger::Http(route) => Some(format!("{} {}", route.method, route.path)),
        _ => None,
    };
    let functions = TEMPLATE.functions.iter();
    functions.flat_map(move |function| function.triggers.iter().filter_map(route).map(move |route| (function, route)))
}

impl Shop {
    /// A shop in whose tables the goods stand.
    pub(crate) fn open() -> Self {
        Shop::holding(&GOODS)
    }

    /// A shop whose tables hold this.
    pub(crate) fn holding(items: &Items) -> Self {
        let mut shop = Shop::empty();
        for ((table, ..), item) in items {
            shop.0.item(table, Item::clone(item));
        }
        shop
    }

    /// A shop whose tables are empty.
    pub(crate) fn empty() -> Self {
        let setup = Setup { faults: Faults::none(), ..Setup::seeded(1) };
        Shop(DEPLOYMENT.places(&TEMPLATE, &setup, 1).unwrap_or_else(|problem| fail(&problem)))
    }

    /// Starts a function and invokes it as Lambda would.
    pub(crate) fn invoke(&mut self, function: &Function, payload: &str) -> Answer {
        DEPLOYMENT.add(&mut self.0, function).unwrap_or_else(|problem| fail(&problem));
        let (client, name, payload) = (self.0.client(), function.name.clone(), payload.to_owned());
        let answer = self.0.alone(async move { client.invoke(&name, &payload).await });
        answer.flatten().unwrap_or_else(|| fail(&format!("{} never answers", function.name)))
    }

    /// What the shop's own tables hold.
    pub(crate) fn items(&self) -> Items {
        self.select(|table| table != DEAD_LETTERS)
    }

    /// What stands in the dead letters, parts of long ones and keys that wait included.
    pub(crate) fn letters(&self) -> Items {
        self.select(|table| table == DEAD_LETTERS)
    }

    /// The values of the records on all topics.
    pub(crate) fn published(&self) -> Vec<Vec<u8>> {
        let topics = TEMPLATE.topics.iter();
        topics.flat_map(|topic| self.0.records(&topic.name)).filter_map(|record| record.value).collect()
    }

    fn select(&self, wanted: impl Fn(&str) -> bool) -> Items {
        let text = |item: &Item, name| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let items = self.0.items().filter(|(table, _)| wanted(table));
        items.map(|(table, item)| ((table, text(&item, PK), text(&item, SK)), item)).collect()
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a test harness: what cannot be done must fail its test")]
pub(crate) fn fail(why: &str) -> ! {
    panic!("{why}")
}

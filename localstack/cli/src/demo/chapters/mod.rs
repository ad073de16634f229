//! The tutorials, chapter by chapter. Each finds what it needs on a stack that others have been played on; for that the
//! shop numbers what it makes, but for the ids that a tutorial names.

mod chain;
mod compensation;
mod coupon;
mod deadline;
mod idempotency;
mod payment;
mod pipeline;
mod pubsub;
mod scaling;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::scene::{Chapter, Ending};

/// What the demo plays, in the tutorials' order.
pub(super) const CHAPTERS: &[Chapter] = &[
    pubsub::CHAPTER,
    chain::CHAPTER,
    compensation::CHAPTER,
    idempotency::CHAPTER,
    deadline::CHAPTER,
    pipeline::CHAPTER,
    coupon::CHAPTER,
    scaling::CHAPTER,
    payment::CHAPTER,
];

/// Every step did its part.
const PLACED: Ending =
    Ending::placed(&["OrderCreated", "DeliveryStarted", "StockDecreased", "PaymentCompleted", "OrderPlaced"]);

/// There were too few, so nothing was taken and nothing comes back.
const SHORT: Ending = Ending::rejected(
    "INVENTORY",
    &["OrderCreated", "DeliveryStarted", "StockDecreaseFailed", "OrderRejected", "DeliveryCancelled"],
);

/// The customer cancelled after all was done.
const UNDONE: Ending = Ending::cancelled(
    &[
        "OrderCreated",
        "DeliveryStarted",
        "StockDecreased",
        "PaymentCompleted",
        "OrderPlaced",
        "OrderCancelled",
        "DeliveryCancelled",
        "StockIncreased",
    ],
    &["PaymentRefunded"],
);

impl ValueEnum for Chapter {
    fn value_variants<'a>() -> &'a [Self] {
        CHAPTERS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.title))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use localstack::template::Template;

    use super::CHAPTERS;
    use crate::demo::names::Names;
    use crate::demo::scene::{Scene, Step};
    use crate::demo::typed::{self, Typed};

    fn scenes() -> impl Iterator<Item = &'static Scene> {
        CHAPTERS.iter().flat_map(|chapter| chapter.scenes)
    }

    /// The text with all names filled in; what is left in braces is no name.
    fn filled(names: &Names, text: &str) -> String {
        let text = names.fill(text);
        let unknown = text.split('{').skip(1).find(|rest| rest.starts_with(char::is_alphabetic));
        assert_eq!(unknown, None, "in {text}");
        text
    }

    fn check(names: &mut Names, step: &Step) {
        match *step {
            Step::Make(name, text) | Step::Order(name, text) => {
                Typed::parse(&filled(names, text)).unwrap();
                names.give(name, "1".to_owned());
            }
            Step::Send(text) => drop(Typed::parse(&filled(names, text)).unwrap()),
            Step::Crowd(_, text) => drop(Typed::parse(&filled(names, &text.replace("{n}", "1"))).unwrap()),
            Step::Shows(path, fields) | Step::Until(path, fields) => {
                filled(names, path);
                typed::fields(&filled(names, fields)).unwrap();
            }
            Step::Missing(path) => drop(filled(names, path)),
            Step::Again(name, _)
            | Step::Ended(name)
            | Step::Seen(name, _)
            | Step::Ends(name, _)
            | Step::Holders(name, _)
            | Step::Told(name, _) => {
                names.id(name).unwrap();
            }
            Step::Stop(_) | Step::Sleep(_) | Step::Wake(_) | Step::Settled => {}
        }
    }

    #[test]
    fn every_request_can_be_typed_with_names_that_are_there() {
        for chapter in CHAPTERS {
            let mut names = Names::default();
            chapter.scenes.iter().flat_map(|scene| scene.steps).for_each(|step| check(&mut names, step));
        }
    }

    #[test]
    fn every_scene_checks_something_and_leaves_no_fault_behind() {
        for scene in scenes() {
            let mut faults = BTreeSet::new();
            let mut checks = 0;
            for step in scene.steps {
                match step {
                    Step::Stop(function) | Step::Sleep(function) => assert!(faults.insert(function)),
                    Step::Wake(function) => assert!(faults.remove(function)),
                    Step::Ends(..) | Step::Shows(..) | Step::Missing(_) | Step::Holders(..) | Step::Told(..) => {
                        checks += 1
                    }
                    _ => {}
                }
            }
            assert_eq!(faults, BTreeSet::new(), "{}", scene.title);
            assert!(checks > 0, "{}", scene.title);
        }
    }

    #[test]
    fn every_event_named_is_one_of_the_shop_and_every_function_runs() {
        let known: BTreeSet<_> = shop::event_types().iter().map(|entry| entry.name).collect();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let template = Template::read(&path, &BTreeMap::new()).unwrap();
        let functions: BTreeSet<_> = template.functions.iter().map(|function| function.name.as_str()).collect();
        for step in scenes().flat_map(|scene| scene.steps) {
            match step {
                Step::Ends(_, ending) => {
                    for event in ending.chain.iter().chain(ending.meanwhile) {
                        assert!(known.contains(event), "{event}");
                    }
                }
                Step::Seen(_, event) => assert!(known.contains(event), "{event}"),
                Step::Stop(function) | Step::Sleep(function) => assert!(functions.contains(function), "{function}"),
                _ => {}
            }
        }
    }
}

//! Projections: read models with one item per event, written without conditions because every writer writes the same.

use std::collections::BTreeMap;

use crate::dead_letter::DeadLetters;
use crate::invocation::Invocation;
use crate::item::{Item, PK, SK};
use crate::ports::store::StoreError::{self, Rejected, Unavailable};
use crate::record::{EventRef, Handled, Outcome, Record};
use crate::{Envelope, Needs, Undecodable};

/// Turns every event it sees into an item of one table, whatever its type.
pub struct Projection {
    name: &'static str,
    table: &'static str,
    item: fn(Envelope) -> Item,
}

impl Projection {
    /// A projection into `table`. The item's keys `pk` and `sk` must come from the event alone, so that a duplicate writes the same item.
    #[must_use]
    pub fn named(name: &'static str, table: &'static str, item: fn(Envelope) -> Item) -> Self {
        Projection { name, table, item }
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its role must allow.
    #[must_use]
    pub fn needs(&self) -> Needs {
        Needs::new().park().project(self.table)
    }

    /// Projects a batch. Answers each record's fate, in the batch's order.
    pub async fn run(&self, records: &[Record], invocation: &Invocation) -> Vec<Handled> {
        let mut items: BTreeMap<(String, String), Item> = BTreeMap::new();
        let mut events = Vec::with_capacity(records.len());
        for record in records {
            events.push(self.project(record).map(|(event, item)| {
                items.insert((text(&item, PK), text(&item, SK)), item);
                event
            }));
        }
        let store = &invocation.platform.store;
        let written = store.put_all(self.table, items.into_values().collect()).await;
        let letters = DeadLetters::new(self.name, invocation);
        let mut handled = Vec::with_capacity(records.len());
        for (record, event) in records.iter().zip(events) {
            let (event, written) = match (event, &written) {
                (Err(why), _) => (None, Err(Rejected(why.to_string()))),
                // One item is to blame: each is written by itself.
                (Ok(event), Err(StoreError::Rejected(_))) => {
                    let item = self.project(record).map(|(_, item)| item);
                    (Some(event), store.put_all(self.table, item.into_iter().collect()).await)
                }
                (Ok(event), written) => (Some(event), written.clone()),
            };
            let outcome = match written {
                Ok(()) => Outcome::Done,
                Err(Unavailable(why)) => Outcome::Failed(why),
                Err(Rejected(why)) => letters.outcome(record, event.as_ref(), &why).await,
            };
            handled.push(Handled { event, outcome });
        }
        handled
    }

    /// A record's event and item.
    fn project(&self, record: &Record) -> Result<(EventRef, Item), Undecodable> {
        let event = Envelope::decode(record.value.as_deref().unwrap_or_default())?;
        Ok(((&event).into(), (self.item)(event)))
    }
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

impl std::fmt::Debug for Projection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projection").field("name", &self.name).field("table", &self.table).finish_non_exhaustive()
    }
}

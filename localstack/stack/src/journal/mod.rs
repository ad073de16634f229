//! What a stack with a data folder writes down of its embedded broker, which is empty after each start.
//!
//! A record of a topic lives in the broker's memory, and its effects in the tables. Whoever acts on the record being *on the
//! topic* (the relay, whose position in a table's stream moves on; an HTTP function, which answers 200; what is given up, which
//! counts as done once it is on `dead-letters`) relies on it still being there after a kill -9. So:
//!
//! - The one reader of the topics writes what it read into the journal before any trigger sees it, a batch at a time, as one
//!   transaction. A trigger's position can therefore never pass what is not written down.
//! - An answer of a function that publishes counts only when the journal holds whatever was on the topics at that moment
//!   ([`Journal::until_written`]): the broker says where its topics end, and the reader must have come as far. Many who wait ask
//!   once. That holds for HTTP and Invoke answers and for triggers' invocations, so no stream position moves before. If the stack
//!   is killed in between, nobody was told anything: the relay's records come again, the HTTP client asks again.
//! - The positions of groups and of streams' triggers are saved five times a second. A position that is too low after a kill
//!   means records that come again, as they may at any time.
//! - A start hands what the journal holds from each group's position on to its trigger, in the order in which it was read, and
//!   then reads on. The records do not go through the new broker: it keeps 5 MiB a partition where the journal may hold more, and
//!   what functions publish meanwhile would come in between.
//!
//! **Positions go on where the broker's offsets begin again.** A record's position is the end of the journal's partition at the
//! start (its *origin*) plus its offset in this run's broker, and triggers, functions and dead letters see positions only: a
//! record that comes again after a start is the same record at the same place, and is parked once. Offsets are used towards the
//! broker alone.
//!
//! **It is a table in the file of the tables.** SQLite appends each transaction to one log, with checksums, so that the tables,
//! their streams, the topics' records and all positions are, after whatever end, those of one moment: none is ahead of another.
//! Records that every group has passed are deleted and their pages used again; a partition's last one stays, so that its end is
//! known.
//!
//! A trigger that is disabled keeps its positions, and with them what it has not passed of the journal and of its stream.
//!
//! Not kept: a topic that no enabled trigger reads (nothing rests on it), and what others commit on the broker.

mod ends;
mod origins;
mod positions;
mod records;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use self::origins::Origins;
pub(crate) use self::positions::{Reader, Saved};
pub(crate) use self::records::Entry;
use crate::Say;
use crate::broker::Broker;
use crate::data::DataError;
use crate::error::Error;
use crate::store::{Embedded, StoreError};
use crate::template::{KafkaTrigger, Template, Trigger};

/// The pause after something that did not work.
const PAUSE: Duration = Duration::from_secs(1);

/// A partition of a topic.
type Partition = (String, u32);
/// Per partition the offset at which it ends.
pub(crate) type Ends = BTreeMap<Partition, i64>;

/// What is known of earlier runs, and kept for later ones; nothing without a data folder.
#[derive(Default)]
pub(crate) struct Memory {
    /// Of the embedded broker's topics.
    pub(crate) journal: Option<Journal>,
    /// How far triggers are.
    pub(crate) saved: Option<Saved>,
}

impl Memory {
    /// What this store's file holds, and will hold, for a broker that was just started.
    pub(crate) fn open(
        kept: Option<&Embedded>,
        broker: &Broker,
        template: &Template,
        say: &Say,
    ) -> Result<Self, Error> {
        let Some(store) = kept else { return Ok(Self::default()) };
        let journal = match broker {
            Broker::Embedded(broker) => Some(Journal::open(store.clone(), broker.bootstrap(), template, say)?),
            // It keeps its topics and its groups' positions itself.
            Broker::Given(_) => None,
        };
        Ok(Self { journal, saved: Some(Saved::open(store.clone())?) })
    }
}

/// The journal of the topics that functions read. Clones are the same.
#[derive(Clone)]
pub(crate) struct Journal {
    store: Embedded,
    origins: Origins,
    /// Per partition, the broker's offset below which all is written down.
    written: watch::Sender<Ends>,
    /// To the task that asks the broker where its topics end.
    asks: mpsc::UnboundedSender<oneshot::Sender<Arc<Ends>>>,
    say: Say,
}

impl Journal {
    /// Opens the journal in this store for a broker that was just started.
    fn open(store: Embedded, bootstrap: &str, template: &Template, say: &Say) -> Result<Self, Error> {
        let ends = store.with_file("opening the journal", |file| records::prepare(file))?;
        if let Some(record) = store.with_file("checking the journal", |file| records::damaged(file))? {
            return Err(DataError::Record(record).into());
        }
        // What only disabled triggers name has no reader that could write it down.
        let read = |topic: &str| {
            let mut triggers = template.functions.iter().flat_map(|function| &function.triggers);
            let reads = |kafka: &KafkaTrigger| kafka.polling.enabled && kafka.topic == topic;
            triggers.any(|trigger| matches!(trigger, Trigger::Kafka(kafka) if reads(kafka)))
        };
        let topics = template.topics.iter().filter(|topic| read(&topic.name)).cloned().collect();
        let asks = ends::start(bootstrap, topics, Arc::clone(say))?;
        Ok(Self { store, origins: Origins::new(ends), written: watch::Sender::default(), asks, say: Arc::clone(say) })
    }

    /// Where each partition of this run's broker begins.
    pub(crate) fn origins(&self) -> &Origins {
        &self.origins
    }

    /// Writes down what was read, however long that takes; `read` says up to which offsets of the broker that is.
    pub(crate) async fn write(&self, entries: &[Entry], read: Ends) {
        while let Err(error) = self.store.with_file("writing the journal", |file| records::append(file, entries)) {
            (self.say)(&format!("{error}; nothing more is read from the topics until it works"));
            tokio::time::sleep(PAUSE).await;
        }
        self.written.send_modify(|written| written.extend(read));
    }

    /// The next entries after the one with this number, and their numbers, in the order in which they were written.
    pub(crate) async fn read_on(&self, after: i64, most: usize) -> Vec<(i64, Entry)> {
        loop {
            match self.store.with_file("reading the journal", |file| records::read(file, after, most)) {
                Ok(entries) => return entries,
                Err(error) => (self.say)(&format!("{error}; it is tried again")),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Deletes what these positions, the lowest of each partition, have passed.
    pub(crate) fn trim(&self, lowest: &BTreeMap<Partition, i64>) -> Result<(), StoreError> {
        self.store.with_file("trimming the journal", |file| records::trim(file, lowest))
    }

    /// Waits until everything that is on the topics now is written down.
    pub(crate) async fn until_written(&self) {
        let (ask, ends) = oneshot::channel();
        // Errors say that the runtime ends, and with it the process that would give an answer.
        drop(self.asks.send(ask));
        let Ok(ends) = ends.await else { return std::future::pending().await };
        let is_written = |written: &Ends| {
            ends.iter().all(|(partition, end)| *end <= written.get(partition).copied().unwrap_or_default())
        };
        drop(self.written.subscribe().wait_for(is_written).await);
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

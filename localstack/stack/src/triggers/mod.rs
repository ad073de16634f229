//! What invokes functions by itself: topics, streams and schedules, each with Lambda's semantics.

mod answer;
mod attribute;
mod error;
mod event;
mod keeper;
mod lane;
mod message;
mod poller;
mod positions;
mod pressure;
mod progress;
mod record;
mod route;
mod schedule;
mod settled;
mod shards;
mod start;
mod stream;
mod target;
#[cfg(test)]
mod tests;
mod topic;
mod undertaker;

use std::sync::Mutex;

use rdkafka::consumer::BaseConsumer;
use tokio::sync::watch;
use tokio::task::JoinSet;
use whenever::KafkaConnection;

pub use self::error::TriggerError;
use self::keeper::Keeper;
pub use self::lane::RetryOrder;
use self::positions::Positions;
use self::pressure::Pressure;
use self::progress::State;
use self::shards::Reads;
use self::topic::Losses;
use crate::broker::Given;
use crate::journal::Origins;
use crate::store::Store;
use crate::template::DeadlineIndex;

/// The running triggers of a template.
pub struct Triggers {
    watched: Vec<Watched>,
    pressure: Pressure,
    losses: Losses,
    deadlines: Vec<DeadlineIndex>,
    store: Store,
    broker: Given,
    /// Asks the broker where its topics end.
    client: std::sync::Arc<BaseConsumer<KafkaConnection>>,
    /// Where positions on the embedded broker's topics begin.
    origins: Origins,
    /// Saves how far they are, where that is kept.
    keeper: Option<Keeper>,
    tasks: Mutex<JoinSet<()>>,
}

/// A trigger on a topic or a stream, seen from outside.
struct Watched {
    function: String,
    what: What,
    state: watch::Receiver<State>,
}

/// What a trigger reads.
enum What {
    Topic {
        topic: String,
        positions: Positions,
    },
    Stream {
        table: String,
        /// How far a given store's stream is read.
        reads: Option<watch::Receiver<Reads>>,
    },
}

impl Triggers {
    /// Waits until every trigger on a topic has its partitions.
    pub async fn ready(&self) {
        for watched in &self.watched {
            // An error says that the trigger has ended, for which nobody has to wait.
            drop(watched.state.clone().wait_for(|state| !state.read.is_empty()).await);
        }
    }

    /// The triggers on topics that have no partitions.
    pub fn without_partitions(&self) -> Vec<String> {
        let topics = self.watched.iter().filter(|watched| matches!(watched.what, What::Topic { .. }));
        let without = topics.filter(|watched| watched.state.borrow().read.is_empty());
        without.map(Watched::name).collect()
    }

    /// How many records the function's triggers have before them.
    pub fn lag(&self, function: &str) -> u64 {
        let watched = self.watched.iter().filter(|watched| watched.function == function);
        watched.map(|watched| watched.state.borrow().unfinished as u64).sum()
    }

    /// Whether a group is so far behind that nothing more should be put on topics of the embedded broker.
    pub fn are_behind(&self) -> bool {
        self.pressure.is_on()
    }

    /// Ends them. What was under way comes again at the next start.
    pub async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        tasks.shutdown().await;
        for watched in &self.watched {
            if let What::Topic { positions, .. } = &watched.what {
                positions.flush().await;
            }
        }
        if let Some(keeper) = &self.keeper {
            keeper.save();
        }
    }
}

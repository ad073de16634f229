//! The commit: carrying decisions out with one conditional write, or one transaction.

use std::time::Duration;

use crate::command::{AggregateKey, Touch};
use crate::invocation::Invocation;
use crate::item::{Corrupt, Item};
use crate::ports::Platform;
use crate::ports::clock::backoff;
use crate::ports::store::{ItemKey, Put, StoreError, WriteError};
use crate::{Timestamp, World};

const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Why a commit or a load did not happen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CommitError {
    /// A condition did not hold; the world has been brought up to date. Fold again.
    Stale {
        /// An item that was taken for absent is there.
        met: bool,
    },
    /// It may succeed later, and may have happened all the same.
    Retryable(String),
    /// It can never succeed.
    Terminal(String),
}

/// Commits as long as its invocation has time.
#[derive(Debug, Clone)]
pub(crate) struct Committer {
    pub(crate) platform: Platform,
    /// When to give up.
    pub(crate) until: Timestamp,
}

impl Committer {
    /// Commits within an invocation.
    pub(crate) fn of(invocation: &Invocation) -> Self {
        Committer { platform: invocation.platform.clone(), until: invocation.until }
    }

    /// Waits before repetition number `attempt`; false if the invocation's time does not allow it.
    pub(crate) async fn wait(&self, attempt: u32) -> bool {
        let wait = backoff(&*self.platform.entropy, attempt, FIRST_WAIT, LONGEST_WAIT);
        if self.platform.clock.now().plus(wait) >= self.until {
            return false;
        }
        self.platform.clock.sleep(wait).await;
        true
    }

    /// Whether the invocation's time is over.
    pub(crate) fn is_over(&self) -> bool {
        self.platform.clock.now() >= self.until
    }

    /// Reads `keys`, strongly consistent, trying again while there is time.
    pub(crate) async fn load(&self, keys: &[AggregateKey]) -> Result<Vec<Option<Item>>, CommitError> {
        let keys: Vec<ItemKey> = keys.iter().map(AggregateKey::item).collect();
        self.load_items(&keys).await
    }

    /// The same for items that are no aggregates.
    pub(crate) async fn load_items(&self, keys: &[ItemKey]) -> Result<Vec<Option<Item>>, CommitError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut attempt = 0;
        loop {
            match self.platform.store.load(keys).await {
                Ok(items) => return Ok(items),
                Err(e @ StoreError::Unavailable(_)) => {
                    attempt += 1;
                    if !self.wait(attempt).await {
                        return Err(e.into());
                    }
                }
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// Reads what `touches` name once more; whether anything was not what `world` knew. What a world knows was read, or met by a failed
    /// condition, item by item: only where nothing has changed since has it all been there at one moment.
    pub(crate) async fn catch_up(&self, world: &mut World, touches: &[Touch]) -> Result<bool, CommitError> {
        let mut changed = false;
        for touch in touches {
            // One by one: whoever reads one item at a time needs no permission for more.
            for item in self.load(std::slice::from_ref(&touch.key)).await? {
                changed |= world.fill(&touch.key, item)?;
            }
        }
        Ok(changed)
    }

    /// Repeats a write that is the same whoever makes it while there is time. Where its condition does not hold, it was made before.
    pub(crate) async fn insist(&self, write: impl AsyncFn() -> Result<(), WriteError>) -> Result<(), CommitError> {
        let mut attempt = 0;
        loop {
            let error = match write().await {
                Ok(()) | Err(WriteError::Condition(_)) => return Ok(()),
                Err(WriteError::Conflict) => CommitError::Stale { met: false },
                Err(WriteError::Failed(e)) => e.into(),
            };
            attempt += 1;
            if matches!(error, CommitError::Terminal(_)) || !self.wait(attempt).await {
                return Err(error);
            }
        }
    }

    /// Writes all that `world` keeps, and makes it what the tables now hold as far as the store has said so. After an error nothing is
    /// kept, and nothing needs to be read: whoever folds on a world that is out of date fails its condition, and that brings the item.
    pub(crate) async fn commit(&self, world: &mut World) -> Result<(), CommitError> {
        let written = match world.puts() {
            Ok(puts) => self.write(puts).await,
            Err(e) => {
                world.undo();
                return Err(e.into());
            }
        };
        let found = match written {
            Ok(()) => {
                world.settle();
                return Ok(());
            }
            Err(WriteError::Condition(found)) => found,
            Err(WriteError::Conflict) => Vec::new(),
            Err(WriteError::Failed(e)) => {
                world.undo();
                return Err(e.into());
            }
        };
        let changed: Vec<AggregateKey> = world.changed().cloned().collect();
        world.undo();
        let mut met = false;
        for (key, item) in changed.iter().zip(found) {
            if let Some(item) = item {
                met |= item.is_some() && !world.is_there(key);
                world.fill(key, item)?;
            }
        }
        Err(CommitError::Stale { met })
    }

    async fn write(&self, mut puts: Vec<Put>) -> Result<(), WriteError> {
        match puts.len() {
            0 => Ok(()),
            1 => self.platform.store.put(puts.remove(0)).await,
            _ => self.platform.store.transact(puts).await,
        }
    }
}

/// Whether what is seen may never have been there at one moment: a refusal may then be due to that alone.
pub(crate) fn rests_on_several(touches: &[Touch]) -> bool {
    touches.len() > 1
}

impl From<StoreError> for CommitError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Unavailable(_) => CommitError::Retryable(e.to_string()),
            StoreError::Rejected(_) => CommitError::Terminal(e.to_string()),
        }
    }
}

impl From<Corrupt> for CommitError {
    fn from(e: Corrupt) -> Self {
        CommitError::Terminal(e.to_string())
    }
}

impl std::fmt::Display for CommitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CommitError::Stale { .. } => f.write_str("another writer was faster"),
            CommitError::Retryable(why) | CommitError::Terminal(why) => f.write_str(why),
        }
    }
}

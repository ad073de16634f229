//! The sweep: ends aggregates whose deadline has passed.

use std::time::Duration;

use crate::batch::{Task, Verdict, carry_out};
use crate::commit::Committer;
use crate::id::digest;
use crate::invocation::Invocation;
use crate::item::{DUE_AT, DUE_SHARD, DUE_SHARDS, Item, PK};
use crate::outbox::Cause;
use crate::ports::store::{Query, StoreError};
use crate::{Aggregate, Command, Needs, Timestamp};

/// The sparse index in which an item stands as long as its aggregate waits: keys `dueShard` and `dueAt`.
pub const DUE_INDEX: &str = "due";

/// Ends what waited too long, of as many kinds of aggregate as it is told of.
pub struct Sweep {
    name: &'static str,
    interval: Duration,
    targets: Vec<Target>,
    needs: Needs,
}

struct Target {
    table: &'static str,
    kind: &'static str,
    command: Box<Decide>,
}

/// From an aggregate's id to the command that ends it.
type Decide = dyn Fn(&str) -> Box<dyn Command> + Send + Sync;

/// What one sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Swept {
    /// Aggregates whose deadline was found passed.
    pub due: usize,
    /// Of these, how many could not be ended now; the next sweep finds them again.
    pub failed: usize,
    /// How many times the index could not be read.
    pub unread: usize,
    /// How long past its deadline was what had waited for longest when it was found.
    #[serde(skip)]
    pub overdue: Duration,
}

impl Swept {
    fn add(&mut self, more: Swept) {
        self.due += more.due;
        self.failed += more.failed;
        self.unread += more.unread;
        self.overdue = self.overdue.max(more.overdue);
    }
}

impl Sweep {
    /// A sweep that repeats every `interval` for as long as its invocation is to last.
    #[must_use]
    pub fn named(name: &'static str, interval: Duration) -> Self {
        Sweep { name, interval, targets: Vec::new(), needs: Needs::new() }
    }

    /// Whenever the deadline of an `A` has passed, carries out the command that `decide` makes of its id.
    #[must_use]
    pub fn whenever_due<A: Aggregate, C: Command + 'static>(
        mut self,
        decide: impl Fn(&str) -> C + Send + Sync + 'static,
    ) -> Self {
        let command = move |id: &str| Box::new(decide(id)) as Box<dyn Command>;
        self.targets.push(Target { table: A::TABLE, kind: A::KIND, command: Box::new(command) });
        Sweep { needs: self.needs.index(A::TABLE, DUE_INDEX).carry_out(&C::tables()), ..self }
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its role must allow.
    #[must_use]
    pub fn needs(&self) -> Needs {
        self.needs.clone()
    }

    /// Sweeps once, then again every interval as long as the next one can start before `end`. `None` sweeps once.
    ///
    /// # Errors
    ///
    /// What the store said, if a single sweep could not read the index.
    pub async fn run(&self, end: Option<Timestamp>, invocation: &Invocation) -> Result<Swept, StoreError> {
        let clock = &invocation.platform.clock;
        let mut total = Swept::default();
        let mut next = clock.now();
        loop {
            match self.sweep(invocation).await {
                Ok(swept) => {
                    total.add(swept);
                }
                // The next one is not far.
                Err(_) if end.is_some() => total.unread += 1,
                Err(e) => return Err(e),
            }
            next = next.plus(self.interval).max(clock.now());
            match end {
                Some(end) if next < end.min(invocation.until) => clock.sleep(next.since(clock.now())).await,
                _ => return Ok(total),
            }
        }
    }

    async fn sweep(&self, invocation: &Invocation) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for target in &self.targets {
            for shard in 0..DUE_SHARDS {
                swept.add(sweep_shard(target, shard, invocation).await?);
            }
        }
        Ok(swept)
    }
}

async fn sweep_shard(target: &Target, shard: u8, invocation: &Invocation) -> Result<Swept, StoreError> {
    let platform = &invocation.platform;
    let committer = Committer { platform: platform.clone(), until: invocation.until };
    let mut swept = Swept::default();
    let mut query = Query {
        table: target.table,
        index: Some(DUE_INDEX),
        partition: Some((DUE_SHARD, shard.to_string())),
        // Strictly before the present: an aggregate may use all of the time it was given.
        before: Some((DUE_AT, platform.clock.now().to_string())),
        ..Query::default()
    };
    loop {
        let page = platform.store.query(query.clone()).await?;
        let tasks: Vec<Task> = page.items.iter().enumerate().filter_map(|(at, item)| task(target, at, item)).collect();
        swept.due += tasks.len();
        // A task's cause is its deadline.
        let overdue = tasks.iter().map(|task| platform.clock.now().since(task.cause.time)).max();
        swept.overdue = swept.overdue.max(overdue.unwrap_or_default());
        let verdicts = carry_out(&committer, &tasks).await;
        swept.failed += verdicts.iter().filter(|(_, verdict)| *verdict != Verdict::Done).count();
        match page.next {
            Some(next) => query.start = Some(next),
            None => return Ok(swept),
        }
    }
}

/// The index is only eventually consistent, so the command decides on the item itself.
fn task(target: &Target, at: usize, item: &Item) -> Option<Task> {
    let pk = item.get(PK)?.as_str()?;
    let due_at = item.get(DUE_AT)?.as_str()?;
    let id = pk.strip_prefix(target.kind)?.strip_prefix('#')?;
    let command = (target.command)(id);
    let cause = Cause {
        id: digest(&[pk, "deadline", due_at]),
        time: due_at.parse().ok()?,
        correlation: None,
        traceparent: None,
    };
    Some(Task { at, lane: None, sequenced: false, touches: command.touches().0, command, cause })
}

impl std::fmt::Debug for Sweep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sweep").field("name", &self.name).finish_non_exhaustive()
    }
}

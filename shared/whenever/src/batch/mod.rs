//! Carrying a batch of commands out: group, load, fold, commit.

mod fold;
mod group;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream;

use crate::command::{Access, AggregateKey};
use crate::commit::{CommitError, Committer};
use crate::item::{Corrupt, Item};

pub(crate) use fold::{Task, Verdict};
pub(crate) use group::group;

use fold::Fold;

/// How many groups are committed at a time.
const IN_FLIGHT: usize = 64;

/// What ties events together: the key they were published under, and the aggregates they touch.
#[derive(PartialEq, Eq, Hash)]
enum Tie<'a> {
    Lane(&'a [u8]),
    Aggregate(&'a AggregateKey),
}

/// What the tables hold for each aggregate, or why that cannot be read.
type Loaded = BTreeMap<AggregateKey, Result<Option<Item>, Corrupt>>;

/// Loads what the tasks need, then folds and commits group by group.
pub(crate) async fn carry_out(committer: &Committer, tasks: &[Task]) -> Vec<(usize, Verdict)> {
    let wanted: BTreeSet<&AggregateKey> = tasks
        .iter()
        .flat_map(|task| &task.touches)
        .filter(|touch| touch.access == Access::Load)
        .map(|touch| &touch.key)
        .collect();
    let mut loaded = match load(committer, wanted.into_iter().cloned().collect()).await {
        Ok(loaded) => loaded,
        Err(e) => return tasks.iter().map(|task| (task.at, Verdict::Fail(e.to_string()))).collect(),
    };
    let ties: Vec<Vec<Tie<'_>>> = tasks
        .iter()
        .map(|task| {
            let aggregates = task.touches.iter().map(|touch| Tie::Aggregate(&touch.key));
            aggregates.chain(task.lane.as_deref().map(Tie::Lane)).collect()
        })
        .collect();
    // What an aggregate's item says goes to the one group that the aggregate belongs to.
    let folds: Vec<_> = group(&ties)
        .into_iter()
        .map(|members| Fold::new(committer, members.into_iter().map(|at| &tasks[at]).collect(), &mut loaded).run())
        .collect();
    stream::iter(folds).buffer_unordered(IN_FLIGHT).concat().await
}

/// Reads what `wanted` names: all in one go, or one by one where that can never be done, so that only those to blame are without.
async fn load(committer: &Committer, wanted: Vec<AggregateKey>) -> Result<Loaded, CommitError> {
    match committer.load(&wanted).await {
        Ok(items) => return Ok(wanted.into_iter().zip(items.into_iter().map(Ok)).collect()),
        Err(CommitError::Terminal(_)) => {}
        Err(e) => return Err(e),
    }
    let mut loaded = Loaded::new();
    for key in wanted {
        let read = match committer.load(std::slice::from_ref(&key)).await {
            Ok(items) => Ok(items.into_iter().next().flatten()),
            Err(CommitError::Terminal(why)) => Err(Corrupt(why)),
            Err(e) => return Err(e),
        };
        loaded.insert(key, read);
    }
    Ok(loaded)
}

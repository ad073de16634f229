//! Carrying a batch of commands out: group, load, fold, commit.

mod fold;
mod group;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures_util::StreamExt;
use futures_util::stream;

use crate::command::{Access, AggregateKey};
use crate::commit::{CommitError, Committer};
use crate::item::Item;

pub(crate) use fold::{Task, Verdict};
pub(crate) use group::group;

use fold::{EARLIER_FAILED, Fold};

/// How many groups are committed at a time.
const IN_FLIGHT: usize = 64;

/// What ties events together: the key they were published under, and the aggregates they touch.
#[derive(PartialEq, Eq, Hash)]
enum Tie<'a> {
    Lane(&'a [u8]),
    Aggregate(&'a AggregateKey),
}

/// Loads what the tasks need in one go, then folds and commits group by group.
pub(crate) async fn carry_out(committer: &Committer, tasks: &[Task]) -> Vec<(usize, Verdict)> {
    let wanted: BTreeSet<&AggregateKey> = tasks
        .iter()
        .flat_map(|task| &task.touches)
        .filter(|touch| touch.access == Access::Load)
        .map(|touch| &touch.key)
        .collect();
    let wanted: Vec<AggregateKey> = wanted.into_iter().cloned().collect();
    let mut loaded: BTreeMap<AggregateKey, Option<Item>> = match committer.load(&wanted).await {
        Ok(items) => wanted.into_iter().zip(items).collect(),
        // One key is to blame: each task loads for itself.
        Err(CommitError::Terminal(_)) if tasks.len() > 1 => return one_by_one(committer, tasks).await,
        Err(CommitError::Terminal(why)) => {
            return tasks.iter().map(|task| (task.at, Verdict::Park(why.clone()))).collect();
        }
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

/// Carries each task out by itself, but for those that an earlier one of their lane keeps from it.
async fn one_by_one(committer: &Committer, tasks: &[Task]) -> Vec<(usize, Verdict)> {
    let (mut failed, mut parked): (HashSet<&[u8]>, HashSet<&[u8]>) = (HashSet::new(), HashSet::new());
    let mut verdicts = Vec::with_capacity(tasks.len());
    for task in tasks {
        let lane = task.lane.as_deref();
        let its = if lane.is_some_and(|lane| failed.contains(lane)) {
            vec![(task.at, Verdict::Fail(EARLIER_FAILED.to_owned()))]
        } else if task.sequenced && lane.is_some_and(|lane| parked.contains(lane)) {
            vec![(task.at, Verdict::Behind)]
        } else {
            Box::pin(carry_out(committer, std::slice::from_ref(task))).await
        };
        for (_, verdict) in &its {
            match verdict {
                Verdict::Fail(_) => failed.extend(lane),
                Verdict::Park(_) => parked.extend(lane),
                Verdict::Done | Verdict::Behind => {}
            }
        }
        verdicts.extend(its);
    }
    verdicts
}

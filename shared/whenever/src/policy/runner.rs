//! The row of steps that every batch goes through: decode, carry out (group, load, fold, commit), park.

use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};

use super::Policy;
use crate::batch::{Task, Verdict, carry_out};
use crate::commit::Committer;
use crate::dead_letter::DeadLetters;
use crate::invocation::Invocation;
use crate::listen::Decoded;
use crate::recent::Recent;
use crate::record::{EventRef, Handled, Outcome, Record};

/// What is to become of a record.
#[derive(Debug, Clone, PartialEq)]
enum Fate {
    /// It has become that; a reason to park it is still to be written down.
    Known(Outcome),
    /// It is to be parked behind an earlier record of its key.
    Behind,
}

impl Policy {
    /// Runs a batch. Answers each record's fate, in the batch's order.
    pub async fn run(&self, records: &[Record], invocation: &Invocation) -> Vec<Handled> {
        let mut letters = DeadLetters::new(self.name, invocation);
        if self.sequenced {
            letters = match letters.sequenced().await {
                Ok(letters) => letters,
                Err(e) => return records.iter().map(|_| failed(&format!("what waits is not known: {e}"))).collect(),
            };
        }
        let (events, tasks, mut fates) = self.decode_all(records, &letters);
        let committer = Committer::of(invocation);
        for (at, verdict) in carry_out(&committer, &tasks).await {
            fates[at] = Some(match verdict {
                Verdict::Done => Fate::Known(Outcome::Done),
                Verdict::Park(why) => Fate::Known(Outcome::Parked(why)),
                Verdict::Behind => Fate::Behind,
                Verdict::Fail(why) => Fate::Known(Outcome::Failed(why)),
            });
        }
        self.remember(&tasks, &fates);
        park_all(records, events, fates, &letters).await
    }

    /// Decodes each record; one that must wait for a newer program holds up the later ones of its key.
    fn decode_all(
        &self,
        records: &[Record],
        letters: &DeadLetters<'_>,
    ) -> (Vec<Option<EventRef>>, Vec<Task>, Vec<Option<Fate>>) {
        let mut events = Vec::with_capacity(records.len());
        let mut tasks = Vec::new();
        let mut fates = Vec::with_capacity(records.len());
        let mut waiting: HashSet<&[u8]> = HashSet::new();
        let mut parked: HashSet<&[u8]> = HashSet::new();
        let carried_out = self.carried_out();
        for (at, record) in records.iter().enumerate() {
            let (event, decoded) = self.handlers.decode(self.name, record);
            let lane = record.key.as_deref();
            let fate = match decoded {
                Decoded::Ignored => Some(Fate::Known(Outcome::Ignored)),
                Decoded::Undecodable(why) => {
                    parked.extend(lane.filter(|_| self.sequenced));
                    Some(Fate::Known(Outcome::Parked(why)))
                }
                Decoded::Known((command, _)) if command.marker().is_some_and(|marker| carried_out.contains(marker)) => {
                    Some(Fate::Known(Outcome::Done))
                }
                Decoded::Known(_) if lane.is_some_and(|lane| waiting.contains(lane)) => {
                    Some(Fate::Known(Outcome::Failed("an earlier record of its key waits".to_owned())))
                }
                Decoded::Known(_) if letters.holds_back(record) || lane.is_some_and(|lane| parked.contains(lane)) => {
                    Some(Fate::Behind)
                }
                Decoded::Newer(why) => {
                    waiting.extend(lane);
                    Some(Fate::Known(Outcome::Failed(why)))
                }
                Decoded::Known((command, cause)) => {
                    let touches = command.touches().0;
                    let lane = lane.map(<[u8]>::to_vec);
                    tasks.push(Task { at, lane, sequenced: self.sequenced, command, touches, cause });
                    None
                }
            };
            events.push(event);
            fates.push(fate);
        }
        (events, tasks, fates)
    }

    /// Keeps the markers of what is committed now; what failed or was parked is to be tried when it comes again.
    fn remember(&self, tasks: &[Task], fates: &[Option<Fate>]) {
        let mut carried_out = self.carried_out();
        let done = tasks.iter().filter(|task| fates[task.at] == Some(Fate::Known(Outcome::Done)));
        for marker in done.filter_map(|task| task.command.marker()) {
            carried_out.insert(marker);
        }
    }

    fn carried_out(&self) -> MutexGuard<'_, Recent> {
        self.carried_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down what is to be parked, in order. Where letters are kept in order none is written before an earlier record of its key that
/// has failed: they come again together.
async fn park_all(
    records: &[Record],
    events: Vec<Option<EventRef>>,
    fates: Vec<Option<Fate>>,
    letters: &DeadLetters<'_>,
) -> Vec<Handled> {
    let mut held: HashSet<&[u8]> = HashSet::new();
    let mut handled = Vec::with_capacity(records.len());
    for ((record, event), fate) in records.iter().zip(events).zip(fates) {
        let key = record.key.as_deref().filter(|_| letters.is_sequenced());
        // Every task has a verdict; a record that had none would be delivered again rather than lost.
        let outcome = match fate.unwrap_or_else(|| Fate::Known(Outcome::Failed("it was not attempted".to_owned()))) {
            Fate::Known(Outcome::Parked(_)) | Fate::Behind if key.is_some_and(|key| held.contains(key)) => {
                Outcome::Failed("an earlier record of its key failed".to_owned())
            }
            Fate::Known(Outcome::Parked(why)) => letters.outcome(record, event.as_ref(), &why).await,
            Fate::Behind => letters.behind(record, event.as_ref()).await,
            Fate::Known(outcome) => outcome,
        };
        if matches!(outcome, Outcome::Failed(_)) {
            held.extend(key);
        }
        handled.push(Handled { event, outcome });
    }
    handled
}

fn failed(why: &str) -> Handled {
    Handled { event: None, outcome: Outcome::Failed(why.to_owned()) }
}

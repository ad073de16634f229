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

impl Policy {
    /// Runs a batch. Answers each record's fate, in the batch's order.
    pub async fn run(&self, records: &[Record], invocation: &Invocation) -> Vec<Handled> {
        let (mut events, tasks, mut outcomes) = self.decode_all(records);
        let committer = Committer::of(invocation);
        for (at, verdict) in carry_out(&committer, &tasks).await {
            outcomes[at] = Some(match verdict {
                Verdict::Done => Outcome::Done,
                Verdict::Park(why) => Outcome::Parked(why),
                Verdict::Fail(why) => Outcome::Failed(why),
            });
        }
        self.remember(&tasks, &outcomes);
        let letters = DeadLetters::new(self.name, invocation);
        let mut handled = Vec::with_capacity(records.len());
        for ((record, event), outcome) in records.iter().zip(events.drain(..)).zip(outcomes) {
            // Every task has a verdict; a record that had none would be delivered again rather than lost.
            let mut outcome = outcome.unwrap_or_else(|| Outcome::Failed("it was not attempted".to_owned()));
            if let Outcome::Parked(why) = &outcome {
                outcome = letters.outcome(record, event.as_ref(), why).await;
            }
            handled.push(Handled { event, outcome });
        }
        handled
    }

    /// Decodes each record; one that must wait for a newer program holds up the later ones of its key.
    fn decode_all(&self, records: &[Record]) -> (Vec<Option<EventRef>>, Vec<Task>, Vec<Option<Outcome>>) {
        let mut events = Vec::with_capacity(records.len());
        let mut tasks = Vec::new();
        let mut outcomes = Vec::with_capacity(records.len());
        let mut waiting: HashSet<&[u8]> = HashSet::new();
        let carried_out = self.carried_out();
        for (at, record) in records.iter().enumerate() {
            let (event, decoded) = self.handlers.decode(self.name, record);
            let lane = record.key.as_deref();
            let outcome = match decoded {
                Decoded::Ignored => Some(Outcome::Ignored),
                Decoded::Undecodable(why) => Some(Outcome::Parked(why)),
                Decoded::Known((command, _)) if command.marker().is_some_and(|marker| carried_out.contains(marker)) => {
                    Some(Outcome::Done)
                }
                Decoded::Known(_) if lane.is_some_and(|lane| waiting.contains(lane)) => {
                    Some(Outcome::Failed("an earlier record of its key waits".to_owned()))
                }
                Decoded::Newer(why) => {
                    waiting.extend(lane);
                    Some(Outcome::Failed(why))
                }
                Decoded::Known((command, cause)) => {
                    let touches = command.touches().0;
                    tasks.push(Task { at, lane: lane.map(<[u8]>::to_vec), command, touches, cause });
                    None
                }
            };
            events.push(event);
            outcomes.push(outcome);
        }
        (events, tasks, outcomes)
    }

    /// Keeps the markers of what is committed now; what failed or was parked is to be tried when it comes again.
    fn remember(&self, tasks: &[Task], outcomes: &[Option<Outcome>]) {
        let mut carried_out = self.carried_out();
        let done = tasks.iter().filter(|task| outcomes[task.at] == Some(Outcome::Done));
        for marker in done.filter_map(|task| task.command.marker()) {
            carried_out.insert(marker);
        }
    }

    fn carried_out(&self) -> MutexGuard<'_, Recent> {
        self.carried_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Saves how far the triggers are, and lets the journal go that all of them have passed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::progress::State;
use crate::Say;
use crate::journal::{Journal, Reader, Saved};

/// How often.
const PERIOD: Duration = Duration::from_millis(200);

/// A trigger whose positions are saved.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) reader: Reader,
    /// The topic, of a trigger that reads the journal's.
    pub(super) topic: Option<String>,
    pub(super) state: watch::Receiver<State>,
}

/// What saves. Clones are the same.
#[derive(Clone)]
pub(super) struct Keeper {
    saved: Arc<Mutex<Saved>>,
    journal: Option<Journal>,
    triggers: Arc<[Kept]>,
    say: Say,
}

impl Keeper {
    pub(super) fn new(saved: Saved, journal: Option<Journal>, triggers: Vec<Kept>, say: Say) -> Self {
        Self { saved: Arc::new(Mutex::new(saved)), journal, triggers: triggers.into(), say }
    }

    /// Saves again and again until the task is ended.
    pub(super) async fn run(self) {
        loop {
            tokio::time::sleep(PERIOD).await;
            self.save();
        }
    }

    /// Saves what has changed. What cannot be saved is saved the next time.
    pub(super) fn save(&self) {
        let mut current = BTreeMap::new();
        let mut lowest = BTreeMap::new();
        for Kept { reader, topic, state } in &*self.triggers {
            let next: BTreeMap<u32, i64> = state.borrow().done.iter().map(|(source, next)| (source.0, *next)).collect();
            for (topic, (partition, next)) in topic.iter().flat_map(|topic| next.iter().map(move |next| (topic, next)))
            {
                let lowest = lowest.entry((topic.clone(), *partition)).or_insert(*next);
                *lowest = (*next).min(*lowest);
            }
            current.insert(reader.clone(), next);
        }
        let saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner).save(current);
        let done = saved.and_then(|changed| match &self.journal {
            Some(journal) if changed => journal.trim(&lowest),
            _ => Ok(()),
        });
        if let Err(error) = done {
            (self.say)(&error.to_string());
        }
    }
}

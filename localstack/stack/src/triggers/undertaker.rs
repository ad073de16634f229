//! What happens to records that are given up: they go to the trigger's failure destination, or are said aloud.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::event::Origin;
use super::lane::{GivenUp, Part};
use crate::Say;
use crate::broker::Publisher;
use crate::journal::Journal;

/// The failure destination of one trigger.
pub(super) struct Undertaker {
    pub(super) publisher: Publisher,
    /// The topic of `OnFailure`.
    pub(super) topic: Option<String>,
    /// Where the records have to be before they count as handed over.
    pub(super) journal: Option<Journal>,
    pub(super) say: Say,
}

impl Undertaker {
    /// Hands the records over; returns once the broker has them, however long that takes.
    pub(super) async fn bury(&self, origin: &Origin, function: &str, part: &Part, why: GivenUp) {
        let (records, attempts) = (part.records.len(), part.attempts);
        let Some(topic) = &self.topic else {
            (self.say)(&format!(
                "{function} discarded {records} records after {attempts} attempts: it has no OnFailure"
            ));
            return;
        };
        let now = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        self.publisher.publish(topic, &origin.obituary(function, part, why, &now)).await;
        if let Some(journal) = &self.journal {
            journal.until_written().await;
        }
        (self.say)(&format!("{function} gave {records} records up after {attempts} attempts: they are on {topic}"));
    }
}

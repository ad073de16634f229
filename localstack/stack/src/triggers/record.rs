//! A record on its way from a topic or a stream to the functions whose triggers let it through.

use std::sync::Arc;
use std::time::Duration;

/// A record, rendered once as a function's event shows it and shared by every trigger that it goes to.
#[derive(Debug)]
pub(super) struct Record {
    /// Its offset, or its place in the stream: grows within a source.
    pub(super) position: i64,
    /// When it was written, in milliseconds since the epoch.
    pub(super) written_ms: i64,
    /// Its JSON in the event's list of records.
    pub(super) json: Box<str>,
    /// A stream record's sequence number, by which a partial answer names it; empty for a topic's record.
    pub(super) sequence: Box<str>,
}

impl Record {
    /// How long ago it was written.
    pub(super) fn age(&self, now_ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(now_ms - self.written_ms).unwrap_or_default())
    }
}

/// What is read in one order: a partition of a topic (its number), or a shard of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SourceId(pub(super) u32);

/// What keeps its order while it is worked on: a partition, or one of the parts that a shard's items are spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LaneId {
    /// The partition or shard.
    pub(super) source: SourceId,
    /// Which part of a shard; 0 for a partition.
    pub(super) part: u32,
}

/// A record that was read for a trigger.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// Where it belongs.
    pub(super) lane: LaneId,
    /// Its place, which the trigger's position passes even if the filter discards the record.
    pub(super) position: i64,
    /// The record, unless the trigger's filter discards it.
    pub(super) record: Option<Arc<Record>>,
}

/// What a reader tells the poller of a trigger.
#[derive(Debug)]
pub(super) enum Feed {
    /// These are read from now on, each starting at this position.
    Assigned(Vec<(SourceId, i64)>),
    /// These belong to another member of the group from now on.
    Revoked(Vec<SourceId>),
    /// Records, in order within each lane.
    Arrived(Vec<Arrival>),
}

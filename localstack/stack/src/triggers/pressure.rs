//! Back-pressure on the embedded broker: what feeds topics waits while a group is far behind, so that nothing that was
//! not read is overwritten and the stack's memory stays bounded.

use tokio::sync::watch;

use crate::Say;

/// A group this far behind holds back what feeds the topics; the broker keeps 5 MiB of a partition.
const HIGH: usize = 48 * 1024 * 1024;
/// At this it no longer does.
const LOW: usize = HIGH / 2;

/// How many groups are behind by too much. Clones share it.
#[derive(Clone)]
pub(super) struct Pressure {
    behind: watch::Sender<usize>,
    say: Say,
}

impl Pressure {
    pub(super) fn new(say: Say) -> Self {
        Self { behind: watch::Sender::new(0), say }
    }

    /// Takes note of how many bytes a trigger has read and not worked off, and whether it was behind before; answers
    /// whether it is now.
    pub(super) fn measure(&self, function: &str, behind: bool, unread: usize) -> bool {
        let now = if behind { unread > LOW } else { unread > HIGH };
        if now && !behind {
            let mib = unread / (1024 * 1024);
            (self.say)(&format!("{function} is {mib} MiB behind: what feeds the topics waits for it"));
            self.behind.send_modify(|groups| *groups += 1);
        }
        if behind && !now {
            self.behind.send_modify(|groups| *groups -= 1);
        }
        now
    }

    /// Whether any group is behind by too much.
    pub(super) fn is_on(&self) -> bool {
        *self.behind.borrow() > 0
    }

    /// Waits until no group is behind by too much.
    pub(super) async fn relieved(&self) {
        // An error says that the sender is gone, which this is.
        drop(self.behind.subscribe().wait_for(|groups| *groups == 0).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_from_the_high_mark_down_to_the_low_one() {
        let pressure = Pressure::new(std::sync::Arc::new(|_| ()));
        let behind = pressure.measure("f", false, HIGH);
        assert!(!behind && !pressure.is_on());
        let behind = pressure.measure("f", behind, HIGH + 1);
        assert!(behind && pressure.is_on());
        let behind = pressure.measure("f", behind, LOW + 1);
        assert!(behind && pressure.is_on());
        let behind = pressure.measure("f", behind, LOW);
        assert!(!behind && !pressure.is_on());
    }
}

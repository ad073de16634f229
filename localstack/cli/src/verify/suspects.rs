//! What does not agree, and since when it has stayed so.

use std::collections::HashMap;
use std::time::Duration;

use shop::invariants::Violation;
use tokio::time::Instant;

use super::pass::Pass;

/// Something that does not agree.
#[derive(Debug, Clone)]
pub(super) struct Suspect {
    pub(super) violation: Violation,
    /// Of its items; `None` where there is none.
    versions: Vec<Option<u64>>,
    since: Instant,
    last: Instant,
}

/// What did not agree in the last pass.
#[derive(Debug, Default)]
pub(super) struct Suspects(HashMap<String, Suspect>);

impl Suspects {
    /// Takes in another pass: what agrees now is forgotten, what changed is new.
    pub(super) fn meet(&mut self, pass: Pass, now: Instant) {
        let mut before = std::mem::take(&mut self.0);
        for (violation, versions) in pass.found {
            let known = before.remove(&violation.says).filter(|known| known.versions == versions);
            let since = known.map_or(now, |known| known.since);
            self.0.insert(violation.says.clone(), Suspect { violation, versions, since, last: now });
        }
    }

    /// How many have not stayed as they are for so long.
    pub(super) fn younger_than(&self, grace: Duration) -> usize {
        self.0.values().filter(|suspect| !suspect.stayed(grace)).count()
    }

    /// Those that have, by what they say.
    pub(super) fn at_least(&self, grace: Duration) -> Vec<&Suspect> {
        let mut stayed: Vec<_> = self.0.values().filter(|suspect| suspect.stayed(grace)).collect();
        stayed.sort_by(|a, b| a.violation.says.cmp(&b.violation.says));
        stayed
    }
}

impl Suspect {
    fn stayed(&self, grace: Duration) -> bool {
        self.last.duration_since(self.since) >= grace
    }

    /// Its items with their versions.
    pub(super) fn items(&self) -> Vec<String> {
        let items = self.violation.items.iter().zip(&self.versions);
        items
            .map(|(pk, version)| match version {
                Some(version) => format!("{pk} (version {version})"),
                None => format!("{pk} (not there)"),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(found: &[(&str, u64)]) -> Pass {
        let violation = |says: &str| Violation { says: says.to_owned(), items: vec!["order#1".to_owned()] };
        Pass { items: 1, found: found.iter().map(|(says, version)| (violation(says), vec![Some(*version)])).collect() }
    }

    #[test]
    fn only_what_stays_as_it_is_counts_as_broken() {
        let grace = Duration::from_secs(10);
        let mut suspects = Suspects::default();
        let start = Instant::now();
        suspects.meet(pass(&[("stays", 1), ("moves", 1), ("heals", 1)]), start);
        assert_eq!((suspects.younger_than(grace), suspects.at_least(grace).len()), (3, 0));
        suspects.meet(pass(&[("stays", 1), ("moves", 2)]), start + grace / 2);
        suspects.meet(pass(&[("stays", 1), ("moves", 2), ("heals", 1)]), start + grace);
        let broken = suspects.at_least(grace);
        assert_eq!(broken.iter().map(|suspect| &*suspect.violation.says).collect::<Vec<_>>(), ["stays"]);
        assert_eq!(broken[0].items(), ["order#1 (version 1)"]);
        assert_eq!(suspects.younger_than(grace), 2);
    }
}

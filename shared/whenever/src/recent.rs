//! A bounded memory of ids.

use std::collections::HashSet;
use std::mem;

/// Remembers the latest ids in two generations: the older one is forgotten whole when the younger one is full.
#[derive(Debug)]
pub(crate) struct Recent {
    generation: usize,
    young: HashSet<String>,
    old: HashSet<String>,
}

impl Recent {
    /// Remembers at most `most` ids; the latest half of that for certain.
    pub(crate) fn holding(most: usize) -> Self {
        Recent { generation: most / 2, young: HashSet::new(), old: HashSet::new() }
    }

    /// Whether `id` is remembered.
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.young.contains(id) || self.old.contains(id)
    }

    /// Remembers `id`.
    pub(crate) fn insert(&mut self, id: &str) {
        if self.contains(id) {
            return;
        }
        if self.young.len() >= self.generation {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn the_latest_are_remembered_and_no_more_than_the_limit() {
        let mut recent = Recent::holding(20);
        for number in 0..1_000 {
            recent.insert(&number.to_string());
            let first = i32::max(0, number - 9);
            assert!((first..=number).all(|id| recent.contains(&id.to_string())), "after {number}");
            assert!((0..=number).filter(|id| recent.contains(&id.to_string())).count() <= 20, "after {number}");
        }
    }

    #[test]
    fn an_id_that_comes_again_takes_no_room() {
        let mut recent = Recent::holding(4);
        for id in ["a", "b", "b", "b", "a"] {
            recent.insert(id);
        }
        assert!(recent.contains("a") && recent.contains("b"));
    }
}

//! Which events of a batch must be folded one after another, because they share an aggregate or a record key.

use std::collections::HashMap;
use std::hash::Hash;

/// Splits `0..names.len()` into groups such that two events that share a name are in one group. Groups and their members keep the
/// order of the batch.
pub(crate) fn group<N: Eq + Hash>(names: &[Vec<N>]) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..names.len()).collect();
    let mut first: HashMap<&N, usize> = HashMap::new();
    for (event, its) in names.iter().enumerate() {
        for name in its {
            let other = *first.entry(name).or_insert(event);
            let (a, b) = (root(&mut parent, event), root(&mut parent, other));
            // The smaller one leads, so that groups keep the order of their first events.
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut place: HashMap<usize, usize> = HashMap::new();
    for event in 0..names.len() {
        let lead = root(&mut parent, event);
        let at = *place.entry(lead).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(event);
    }
    groups
}

fn root(parent: &mut [usize], mut event: usize) -> usize {
    while parent[event] != event {
        parent[event] = parent[parent[event]];
        event = parent[event];
    }
    event
}

#[cfg(test)]
mod tests {
    use super::group;

    #[test]
    fn events_that_share_a_name_stay_together_in_order() {
        let names = vec![vec!["a"], vec!["b"], vec!["a", "c"], vec!["d"], vec!["c"], vec![]];
        assert_eq!(group(&names), vec![vec![0, 2, 4], vec![1], vec![3], vec![5]]);
    }

    #[test]
    fn a_late_event_joins_two_groups() {
        let names = vec![vec![1], vec![2], vec![3], vec![2, 1]];
        assert_eq!(group(&names), vec![vec![0, 1, 3], vec![2]]);
    }
}

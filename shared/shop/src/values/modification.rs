//! Which of an order's addresses is the newer one.

use serde::{Deserialize, Serialize};

/// How often an order had been modified when something was said about it; none as it was created. The more often, the newer, in
/// whatever order the news arrive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Modification(u32);

impl Modification {
    /// The order as it was created.
    pub const NONE: Modification = Modification(0);

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Modification(self.0.saturating_add(1))
    }

    /// Whether it is the order as it was created.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_modification_is_newer_than_the_one_before_and_the_last_has_none_after_it() {
        let [none, first, second] = [Modification::NONE, Modification(1), Modification(2)];
        assert_eq!((none.next(), first.next()), (first, second));
        assert!(none < first && first < second && none.is_none() && !first.is_none());
        assert_eq!(Modification(u32::MAX).next(), Modification(u32::MAX));
        assert!(serde_json::from_str::<Modification>("-1").is_err());
    }
}

//! Where nothing is delivered to.

use crate::values::Address;

/// Addresses that cannot be delivered to, by how they begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndeliverableAreas(Vec<String>);

impl UndeliverableAreas {
    /// Reads a comma-separated list of prefixes; blanks around them do not count, and empty ones are left out.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        let prefixes = list.split(',').map(str::trim).filter(|prefix| !prefix.is_empty());
        UndeliverableAreas(prefixes.map(str::to_owned).collect())
    }

    /// Whether `address` lies in one of them. No address at all does not.
    #[must_use]
    pub fn contain(&self, address: &Address) -> bool {
        self.0.iter().any(|prefix| address.as_str().starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_undeliverable_by_its_beginning() {
        let areas = UndeliverableAreas::parse("NOWHERE, MOON ,,");
        let contains = |address: &str| areas.contain(&Address::new(address).unwrap());
        assert!(contains("NOWHERE") && contains("MOON, dark side"));
        assert!(!contains("") && !contains("SEOUL, NOWHERE street"));
        assert!(!UndeliverableAreas::parse("").contain(&Address::default()));
    }
}

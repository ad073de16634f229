//! What AWS charges, read from a file that people change for their region.

use std::path::Path;

use serde::Deserialize;

/// The project's own list.
const LIST: &str = include_str!("../../../prices.yaml");

/// A price list of one region.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Prices {
    pub(super) region: String,
    pub(super) write_units: Price,
    pub(super) read_units: Price,
    pub(super) storage_gb_month: Price,
    pub(super) backup_gb_month: Price,
    pub(super) invocations: Price,
    pub(super) gb_seconds: Price,
    pub(super) poller_unit_hours: Price,
    pub(super) api_calls: Price,
    pub(super) log_gb: Price,
    pub(super) alarm_months: Price,
}

/// The price of so many units.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    /// US dollars.
    usd: f64,
    /// Of so many units.
    per: f64,
    /// For which day the figure was given.
    pub(super) seen: String,
    /// The page that says it.
    #[expect(dead_code, reason = "for who reads the file; demanded of each price")]
    source: String,
}

impl Price {
    /// For people: the dollars of one unit, or of a million.
    pub(super) fn told(&self) -> String {
        let millions = self.per / 1e6;
        if millions >= 1.0 { format!("{} a million", self.usd / millions) } else { format!("{} each", self.each()) }
    }

    /// What one unit costs, in US dollars.
    pub(super) fn each(&self) -> f64 {
        self.usd / self.per
    }
}

impl Prices {
    /// The list in this file, or the project's own.
    pub(super) fn read(file: Option<&Path>) -> Result<Self, String> {
        let Some(file) = file else { return Self::parse(LIST, "localstack/prices.yaml") };
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
        Self::parse(&text, &name)
    }

    fn parse(text: &str, name: &str) -> Result<Self, String> {
        let prices: Self =
            serde_yaml_ng::from_str(text).map_err(|error| format!("{name} is no price list: {error}"))?;
        let wrong = |price: &&Price| !(price.usd >= 0.0 && price.usd.is_finite() && price.per > 0.0);
        match prices.all().iter().find(|price| wrong(price)) {
            Some(price) => Err(format!(
                "{name}: usd {} per {} is no price; usd is at least 0 and per more than 0",
                price.usd, price.per
            )),
            None => Ok(prices),
        }
    }

    /// The days for which the figures were given: the first and the last.
    pub(super) fn seen(&self) -> (String, String) {
        let mut days: Vec<&String> = self.all().iter().map(|price| &price.seen).collect();
        days.sort();
        let day = |day: Option<&&String>| day.map(ToString::to_string).unwrap_or_default();
        (day(days.first()), day(days.last()))
    }

    fn all(&self) -> [&Price; 10] {
        [
            &self.write_units,
            &self.read_units,
            &self.storage_gb_month,
            &self.backup_gb_month,
            &self.invocations,
            &self.gb_seconds,
            &self.poller_unit_hours,
            &self.api_calls,
            &self.log_gb,
            &self.alarm_months,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{LIST, Prices};

    #[test]
    fn every_price_says_of_how_many_and_since_when() {
        let prices = Prices::read(None).unwrap();
        assert_eq!(prices.write_units.each(), 0.625 / 1e6);
        let told = (prices.write_units.told(), prices.poller_unit_hours.told());
        assert_eq!(told, ("0.625 a million".to_owned(), "0.185 each".to_owned()));
        for price in prices.all() {
            assert!(price.seen.len() == 10 && price.seen.starts_with("20"), "{price:?}");
        }
        assert!(prices.seen().0 <= prices.seen().1);
    }

    #[test]
    fn a_list_that_lacks_a_price_is_refused_by_its_name() {
        let missing = LIST.replace("logGb:", "logsGb:");
        let refusal = Prices::parse(&missing, "mine.yaml").unwrap_err();
        assert!(refusal.contains("mine.yaml") && refusal.contains("logsGb"), "{refusal}");
        let negative = LIST.replace("usd: 0.625", "usd: -0.625");
        assert!(Prices::parse(&negative, "mine.yaml").unwrap_err().contains("-0.625"));
    }
}

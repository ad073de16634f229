//! The end of every test: all is settled, nothing was parked unasked, and the invariants hold over everything.

use serde_json::Value;
use shop::invariants::history_violations;
use whenever::Record;

use crate::Shop;
use crate::shop::Presence;

impl Shop {
    /// Waits until every test beside this one has come here too, then looks at all that is in the tables.
    pub async fn leave(mut self) {
        let stage = self.stage;
        let _alone = match self.presence.take() {
            Some(Presence::Alone(guard)) => guard,
            beside => {
                drop(beside);
                stage.door.write().await
            }
        };
        self.settle().await;
        let snapshot = self.snapshot().await;
        let mut found = snapshot.violations();
        found.extend(history_violations(&snapshot.orders, &self.all_events().await));
        let letters = stage.unwanted(self.dead_letters().await);
        found.extend(letters.iter().map(|letter| format!("nobody wanted this dead letter: {letter}")));
        let found = stage.news(found);
        assert!(found.is_empty(), "left behind, by this test or by one that failed before it: {found:#?}");
    }

    /// The dead letter that `function` made of this record, once it is there.
    pub async fn parked(&self, function: &str, record: &Record) -> Value {
        self.parked_where(|letter| {
            letter["policy"] == function
                && letter["topic"] == *record.topic
                && letter["partition"] == record.partition
                && letter["offset"] == record.offset
        })
        .await
    }

    /// The dead letter of which `wanted` holds, once it is there.
    pub async fn parked_where(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let letters = self.until(async || self.dead_letters().await, |letters| letters.iter().any(&wanted)).await;
        let letter = letters.into_iter().find(&wanted).unwrap_or_default();
        self.stage.want(&letter);
        letter
    }

    /// All dead letters.
    pub async fn dead_letters(&self) -> Vec<Value> {
        self.get("/_local/dead-letters").await.json()["deadLetters"].as_array().cloned().unwrap_or_default()
    }
}

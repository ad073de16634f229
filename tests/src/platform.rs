//! The data platform as the local stack stands in for it.

use serde_json::Value;

use crate::shop::JSON;
use crate::{Shop, fail};

impl Shop {
    /// What the platform was told about an order, in the order in which it came first.
    pub async fn told(&self, order: &str) -> Vec<Value> {
        let shown = self.get("/_local/platform").await.json();
        let received = shown["received"].as_array().cloned();
        let received = received.unwrap_or_else(|| fail(format!("the platform shows {shown}")));
        received.into_iter().filter(|message| message["body"]["orderId"] == order).collect()
    }

    /// The platform answers so from now on.
    pub async fn platform_fault(&self, fault: &Value) {
        let answer = self.send("PUT", "/_local/platform/fault", JSON, &fault.to_string()).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }

    /// The platform takes everything again.
    pub async fn platform_works(&self) {
        let answer = self.delete("/_local/platform/fault").await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
}

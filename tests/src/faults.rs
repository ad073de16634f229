//! Faults on functions: delayed, failing, stopped, killed.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::shop::JSON;
use crate::{Answer, Shop, fail};

/// How long a stack may take to answer again.
const PATIENCE: Duration = Duration::from_secs(120);
/// The pause before a request is sent again.
const PAUSE: Duration = Duration::from_millis(20);

impl Shop {
    /// The function's triggers wait; Invoke still works.
    pub async fn stop(&self, function: &str) {
        self.fault(function, &json!({"stopped": true})).await;
    }

    /// Every invocation of the function waits this long before it begins.
    pub async fn delay(&self, function: &str, milliseconds: u64) {
        self.fault(function, &json!({"delayMs": milliseconds})).await;
    }

    /// Every invocation of the function fails without reaching it.
    pub async fn fail_always(&self, function: &str) {
        self.fault(function, &json!({"error": "out of order"})).await;
    }

    /// The function works again, and what waited for it is woken.
    pub async fn clear(&self, function: &str) {
        let answer = self.delete(&format!("/_local/functions/{function}/fault")).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }

    /// Ends the function's processes with SIGKILL; answers how many there were.
    pub async fn kill(&self, function: &str) -> usize {
        let answer = self.post(&format!("/_local/functions/{function}/kill"), &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["killed"].as_array().map_or(0, Vec::len)
    }

    /// Ends the whole stack with SIGKILL, its functions with it, and starts it again on the same data folder. Whoever asks for
    /// something meanwhile waits.
    pub async fn kill_the_stack(&self) {
        let stage = self.stage;
        let again = tokio::task::spawn_blocking(move || stage.process().kill_and_start_again());
        again.await.unwrap_or_else(|e| fail(e));
    }

    /// Sends a request again and again until it is answered, by anything but a server's error.
    pub async fn insist(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers = [JSON, headers].concat();
        let end = Instant::now() + PATIENCE;
        loop {
            let url = format!("{}{path}", self.stage.addresses().api);
            match self.client.try_send(method, &url, &headers, body.to_string()).await {
                Ok(answer) if answer.status < 500 => return answer,
                failed if Instant::now() > end => fail(format!("{method} {path}: {failed:?}")),
                _ => sleep(PAUSE).await,
            }
        }
    }

    /// Freezes the function's processes: they keep what they have begun and never end it.
    pub async fn freeze(&self, function: &str) {
        let pids = self.function(function).await["pids"].as_array().cloned().unwrap_or_default();
        for pid in pids.iter().filter_map(|pid| Pid::from_raw(i32::try_from(pid.as_i64()?).ok()?)) {
            kill_process(pid, Signal::STOP).unwrap_or_else(|e| fail(e));
        }
    }

    /// What `GET /_local/functions` says about a function.
    pub async fn function(&self, name: &str) -> Value {
        let functions = self.functions().await;
        functions.into_iter().find(|function| function["name"] == name).unwrap_or_default()
    }

    /// What it says about all.
    pub(crate) async fn functions(&self) -> Vec<Value> {
        self.get("/_local/functions").await.json()["functions"].as_array().cloned().unwrap_or_default()
    }

    async fn fault(&self, function: &str, fault: &Value) {
        let path = format!("/_local/functions/{function}/fault");
        let answer = self.send("PUT", &path, JSON, &fault.to_string()).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
}

/// Clears what an earlier test that failed may have left.
pub(crate) async fn clear_all(shop: &Shop) {
    for function in shop.functions().await {
        shop.clear(function["name"].as_str().unwrap_or_default()).await;
    }
    shop.platform_works().await;
}

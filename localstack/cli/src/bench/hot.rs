//! One hot key: how fast requests that all meet at one item are worked off, and how few writes of that item it takes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::try_join_all;
use hyper::Method;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::PATIENCE;
use super::costs::Costs;
use super::goods::{post, run_name};
use super::meter::Meter;
use super::percentiles::{self, Percentiles};
use super::units::{count, rounded};
use crate::api::Api;
use crate::terminal::Paint;

/// How long working all requests off may take.
const WORKED_OFF_WITHIN: Duration = Duration::from_secs(300);

/// How exact the time is at which the last one was worked off.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// The item's share of a transaction, in write units: a transactional write of at most 1 KB counts twice (DynamoDB).
const WRITE_UNITS: f64 = 2.0;

/// Something that many requests meet at.
pub(super) struct HotKey {
    /// What a request is about, as people say it.
    each: &'static str,
    /// The same in a table's head.
    per: &'static str,
    /// The function that works the requests off.
    function: &'static str,
    /// What has to be there first: where it is created, and its body by its id and the number of requests.
    create: (&'static str, fn(&str, usize) -> Value),
    /// A request, by the item's id and its own number.
    request: fn(&str, usize) -> (String, Value),
    /// Where the item tells how many were worked off, and under which name.
    worked_off: (fn(&str) -> String, &'static str),
}

/// Everybody wants the same coupon.
pub(super) static COUPONS: HotKey = HotKey {
    each: "coupon",
    per: "per coupon",
    function: "issue-coupon",
    create: ("/coupons", |id, requests| json!({"id": id, "quantity": requests, "discount": 1_000})),
    request: |id, number| {
        ("/api/v1/coupon/request-issue".to_owned(), json!({"userId": format!("user-{number}"), "couponId": id}))
    },
    worked_off: (|id| format!("/coupons/{id}"), "issued"),
};

/// Everybody likes the same product.
pub(super) static LIKES: HotKey = HotKey {
    each: "like",
    per: "per like",
    function: "record-metrics",
    create: ("/inventories", |id, _| json!({"id": id, "name": "TV", "stock": 1})),
    request: |id, number| (format!("/products/{id}/likes"), json!({"userId": format!("user-{number}")})),
    worked_off: (|id| format!("/products/{id}/metrics"), "likeCount"),
};

/// A run's figures; costs are those of one request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HotReport {
    #[serde(skip)]
    key: (&'static str, &'static str),
    requests: usize,
    requests_per_second: f64,
    /// Of the last tenth, while all earlier ones wait.
    post_ms: Percentiles,
    worked_off_seconds: f64,
    worked_off_per_second: f64,
    /// How many requests a write unit of the hot item stands for.
    per_write_unit: f64,
    #[serde(flatten)]
    costs: Costs,
}

impl HotKey {
    /// Lets so many requests wait, then has them worked off.
    pub(super) async fn measure(&self, api: &Api, requests: usize, clients: usize) -> Result<HotReport, String> {
        let id = run_name();
        let (path, body) = self.create;
        post(api, path, &body(&id, requests)).await?;
        api.settle(PATIENCE).await?;
        let (meter, before) = Meter::start(api.clone()).await?;
        let work = async {
            api.put_fault(self.function, &json!({"stopped": true})).await?;
            let requested = self.request_all(api, &id, requests, clients).await;
            let start = Instant::now();
            api.clear_fault(self.function).await?;
            let requested = requested?;
            let worked_off = timeout(WORKED_OFF_WITHIN, self.worked_off(api, &id, requests)).await;
            worked_off.map_err(|_| format!("{} has not worked all requests off", self.function))??;
            Ok::<_, String>((requested, start.elapsed()))
        };
        let ((took, posts), worked_off) = tokio::select! {
            done = work => done?,
            error = meter.clone().keep_looking() => return Err(error),
        };
        api.settle(PATIENCE).await?;
        let costs = Costs::new(requests, &before, &meter.look().await?, &meter, &[]);
        let transactions = costs.transactions(self.function);
        let per_second = |took: Duration| rounded(count(requests) / took.as_secs_f64().max(f64::EPSILON));
        Ok(HotReport {
            key: (self.each, self.per),
            requests,
            requests_per_second: per_second(took),
            post_ms: Percentiles::of(posts),
            worked_off_seconds: rounded(worked_off.as_secs_f64()),
            worked_off_per_second: per_second(worked_off),
            per_write_unit: if transactions > 0.0 { rounded(1.0 / (transactions * WRITE_UNITS)) } else { 0.0 },
            costs,
        })
    }

    /// Sends all requests; how long that took, and the latencies of the last tenth.
    async fn request_all(
        &self,
        api: &Api,
        id: &str,
        requests: usize,
        clients: usize,
    ) -> Result<(Duration, Vec<Duration>), String> {
        let (start, next) = (Instant::now(), AtomicUsize::new(0));
        let client = || async {
            let mut late = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return Ok::<_, String>(late);
                }
                let (path, body) = (self.request)(id, number);
                let sent = Instant::now();
                api.call(Method::POST, &path, Bytes::from(body.to_string())).await?;
                if number >= requests - requests / 10 {
                    late.push(sent.elapsed());
                }
            }
        };
        let late = try_join_all((0..clients).map(|_| client())).await?;
        Ok((start.elapsed(), late.into_iter().flatten().collect()))
    }

    /// Returns once the item tells of so many.
    async fn worked_off(&self, api: &Api, id: &str, requests: usize) -> Result<(), String> {
        let (path, name) = self.worked_off;
        let path = path(id);
        loop {
            let item: Value = api.get(&path).await?;
            if item[name].as_u64() == u64::try_from(requests).ok() {
                return Ok(());
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }
}

impl HotReport {
    /// For people.
    pub(super) fn draw(&self, paint: Paint) -> String {
        let (each, per) = self.key;
        let Self { requests, requests_per_second, worked_off_seconds, worked_off_per_second, per_write_unit, .. } =
            self;
        let mut text = paint.bold(format!("{worked_off_per_second:.0} {each}s/s on one key"));
        text.push_str(&format!(
            "  ({requests} requests, taken at {requests_per_second:.0}/s, worked off in {worked_off_seconds:.1} s)\n"
        ));
        text.push_str(&format!("{per_write_unit:.1} {each}s for each write unit of the hot item\n"));
        let latencies = percentiles::table(&[("POST", self.post_ms)]);
        text.push_str(&format!("\n{}\n{}", latencies.draw("  ", paint), self.costs.draw(per, paint)));
        text
    }
}

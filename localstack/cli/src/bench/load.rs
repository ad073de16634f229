//! Places orders and waits for their ends.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::Method;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};

use super::goods::Goods;
use super::watch::Watch;
use crate::api::Api;

/// Any deadline is over by then, and swept: an order that has not settled is lost.
const PATIENCE: Duration = Duration::from_secs(180);

/// When orders are placed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// One after the other, each when nothing is left to do for the one before it.
    Alone,
    /// So many clients, each placing its next order when its last has settled.
    Clients(usize),
    /// So many orders a second, whatever becomes of them.
    PerSecond(f64),
}

/// What became of one order.
#[derive(Debug)]
pub(super) struct Sample {
    /// From the request to its answer.
    pub(super) post: Duration,
    /// From the request to the event that says the order is placed; or why there is none.
    pub(super) saga: Result<Duration, String>,
}

/// All orders of a run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) samples: Vec<Sample>,
    /// From the first request to the end of the last order.
    pub(super) took: Duration,
}

/// What places orders.
pub(super) struct Load {
    api: Api,
    watch: Arc<Watch>,
    goods: Goods,
    orders: usize,
    begun: AtomicUsize,
    done: AtomicUsize,
    failed: AtomicUsize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    order_id: String,
}

impl Load {
    /// Is to place so many orders.
    pub(super) fn new(api: Api, watch: Arc<Watch>, goods: Goods, orders: usize) -> Arc<Self> {
        let [begun, done, failed] = [0, 0, 0].map(AtomicUsize::new);
        Arc::new(Self { api, watch, goods, orders, begun, done, failed })
    }

    /// Places all orders.
    pub(super) async fn run(self: &Arc<Self>, pace: Pace) -> Run {
        let start = Instant::now();
        let mut progress = JoinSet::new();
        progress.spawn(Arc::clone(self).keep_showing());
        let samples = match pace {
            Pace::Alone => self.alone().await,
            Pace::Clients(clients) => self.closed(clients).await,
            Pace::PerSecond(rate) => self.open(rate).await,
        };
        let took = start.elapsed();
        progress.shutdown().await;
        self.show("\n");
        Run { samples, took }
    }

    async fn alone(self: &Arc<Self>) -> Vec<Sample> {
        let mut samples = Vec::new();
        for _ in 0..self.orders {
            let mut sample = self.order().await;
            if let Err(error) = self.api.settle(PATIENCE).await {
                sample.saga = Err(error);
            }
            samples.push(sample);
        }
        samples
    }

    async fn closed(self: &Arc<Self>, clients: usize) -> Vec<Sample> {
        let mut running = JoinSet::new();
        for _ in 0..clients {
            let load = Arc::clone(self);
            running.spawn(async move {
                let mut samples = Vec::new();
                while load.begun.fetch_add(1, Ordering::Relaxed) < load.orders {
                    samples.push(load.order().await);
                }
                samples
            });
        }
        running.join_all().await.into_iter().flatten().collect()
    }

    async fn open(self: &Arc<Self>, rate: f64) -> Vec<Sample> {
        let mut due = interval(Duration::from_secs_f64(1.0 / rate));
        let mut running = JoinSet::new();
        for _ in 0..self.orders {
            due.tick().await;
            let load = Arc::clone(self);
            running.spawn(async move { load.order().await });
        }
        running.join_all().await
    }

    async fn order(&self) -> Sample {
        let start = Instant::now();
        let answer = self.api.call(Method::POST, "/orders", self.goods.order()).await;
        let post = start.elapsed();
        let saga = match answer {
            Ok(answer) => self.placed(&answer).await.map(|at| at - start),
            Err(error) => Err(error),
        };
        self.done.fetch_add(1, Ordering::Relaxed);
        if saga.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        Sample { post, saga }
    }

    /// When the order that was accepted was seen to be placed.
    async fn placed(&self, answer: &[u8]) -> Result<Instant, String> {
        let accepted: Accepted = serde_json::from_slice(answer)
            .map_err(|error| format!("the answer to POST /orders is no order: {error}"))?;
        match timeout(PATIENCE, self.watch.settled(&accepted.order_id)).await {
            Ok(Some(settled)) if settled.placed => Ok(settled.at),
            Ok(Some(_)) => Err(format!("order {} was not placed", accepted.order_id)),
            Ok(None) | Err(_) => Err(format!("order {} has not settled", accepted.order_id)),
        }
    }

    async fn keep_showing(self: Arc<Self>) {
        let mut again = interval(Duration::from_millis(200));
        loop {
            again.tick().await;
            self.show("");
        }
    }

    /// Writes over the one line that a person sees.
    fn show(&self, end: &str) {
        let mut stderr = std::io::stderr();
        if stderr.is_terminal() {
            let [done, failed] = [&self.done, &self.failed].map(|count| count.load(Ordering::Relaxed));
            // Progress that cannot be shown is no reason to stop.
            write!(stderr, "\r{done} of {} orders, {failed} failed{end}", self.orders).ok();
        }
    }
}

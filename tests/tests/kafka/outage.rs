//! A broker that is killed while orders are under way, and started again over what it had written.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use futures_util::future::join_all;
use rustix::process::{Pid, Signal, kill_process};
use shop_tests::{Shop, Stage, broker};

/// A broker of its own: others must not suffer.
static STAGE: Stage = Stage::new(&[("DeadlineSeconds", "120"), ("SweepIntervalSeconds", "1")]).on(own_kafka);

#[tokio::test]
async fn no_order_is_lost_when_the_broker_is_killed_twice_and_comes_back() {
    if !broker::is_given("no_order_is_lost_when_the_broker_is_killed_twice_and_comes_back") {
        return;
    }
    let _stopped_at_the_end = Node;
    let shop = STAGE.enter_alone().await;
    let product = shop.product(1_000).await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        orders.extend(place(&shop, &product).await);
        kill_process(Node::pid(), Signal::KILL).unwrap();
        // An order needs no broker to be accepted.
        orders.extend(place(&shop, &product).await);
        Node::start(&Node::address());
        orders.extend(place(&shop, &product).await);
    }
    shop.settle().await;
    for order in &orders {
        shop.placed(order).await;
    }
    assert_eq!(shop.stock(&product).await, 1_000 - 120);
    shop.leave().await;
}

async fn place(shop: &Shop, product: &str) -> Vec<String> {
    join_all((0..20).map(|_| shop.order_of(product, 1))).await
}

fn own_kafka() -> Option<String> {
    Some(Node::start("127.0.0.1:0"))
}

/// The broker of `localstack/kafka.sh`, in a folder of its own.
struct Node;

impl Node {
    /// Starts it at this address, or says where it runs already.
    fn start(address: &str) -> String {
        let port = address.rsplit(':').next().unwrap();
        script(&["start", "--port", port])
    }

    fn address() -> String {
        let settings = std::fs::read_to_string(folder().join("server.properties")).unwrap();
        let line = settings.lines().find_map(|line| line.strip_prefix("advertised.listeners=PLAINTEXT://"));
        line.unwrap().to_owned()
    }

    fn pid() -> Pid {
        let pid = std::fs::read_to_string(folder().join("pid")).unwrap();
        Pid::from_raw(pid.trim().parse().unwrap()).unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        script(&["stop"]);
    }
}

fn folder() -> PathBuf {
    workspace().join("target/kafka/outage")
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Runs the script; answers what it prints.
fn script(arguments: &[&str]) -> String {
    let mut command = Command::new(workspace().join("localstack/kafka.sh"));
    let output = command.args(arguments).arg("--dir").arg(folder()).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

//! Events that their stream has lost are published again from their items.

use std::process::Stdio;

use serde_json::Value;

use crate::run::{Up, whenever};

#[test]
fn orders_whose_stream_is_lost_end_right_by_what_their_items_hold() {
    let up = Up::start(&["--deadline", "60"]);
    up.call("PUT", "/_local/functions/relay-outbox/fault", r#"{"stopped": true}"#);
    let order = up.order();
    let status = || up.call("GET", &format!("/orders/{order}"), "")["status"].clone();
    let republish = ["republish", "--key", order.as_str()];
    let said = up.printed(&[&republish[..], &["--dry-run"]].concat());
    assert!(said.contains("the outboxes of 1 items are published again: not done"), "{said}");
    assert!(up.refused(&republish).contains("say --yes, or --dry-run"));
    assert_eq!(status(), "PENDING");
    // No stream is read: each round carries the order on as far as its items' last events.
    up.until(
        || {
            up.printed(&[&republish[..], &["--yes"]].concat());
            status()
        },
        |status| status == "PLACED",
    );
    let functions = up.call("GET", "/_local/functions", "");
    let relay = functions["functions"].as_array().unwrap().iter().find(|function| function["name"] == "relay-outbox");
    assert!(relay.unwrap()["lag"].as_u64() > Some(0), "the stream was read: {functions}");

    // All of it comes once more by the stream, and again.
    up.call("DELETE", "/_local/functions/relay-outbox/fault", "");
    up.settle();
    for _ in 0..2 {
        assert!(up.printed(&["republish", "--yes"]).contains("items republished"));
        up.settle();
    }
    assert_eq!(up.call("GET", "/inventories/tv", "")["stock"], 4);
    assert_eq!(up.call("GET", &format!("/orders/{order}/events"), "")["events"].as_array().unwrap().len(), 5);
    assert_eq!(up.call("GET", "/products/tv/metrics", "")["orderCount"], 1);
    assert!(up.printed(&["verify", "--grace", "1"]).contains("all agree"));
    assert_eq!(up.printed(&["dead-letters"]), "no dead letters\n");
    assert!(up.interrupt(), "Ctrl-C is no failure");
}

#[test]
fn republished_again_and_again_under_traffic_nothing_happens_twice() {
    let up = Up::start(&["--deadline", "60"]);
    let mut bench = whenever(&["bench", "--url", &up.api, "--orders", "60", "--clients", "4", "--json"]);
    let mut bench = bench.stdout(Stdio::piped()).spawn().unwrap();
    let mut rounds = 0;
    while bench.try_wait().unwrap().is_none() {
        up.printed(&["republish", "--yes", "--rate", "2000"]);
        rounds += 1;
    }
    let bench: Value = serde_json::from_slice(&bench.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!((&bench["orders"], &bench["failed"]), (&60.into(), &0.into()), "{bench}");
    assert!(rounds > 1, "nothing was republished while orders were placed");
    up.settle();
    let said = up.printed(&["verify", "--grace", "1"]);
    assert!(said.contains("all agree"), "{said}");
    assert_eq!(up.printed(&["dead-letters"]), "no dead letters\n");
    assert!(up.interrupt(), "Ctrl-C is no failure");
}

#[test]
fn what_there_is_not_is_refused() {
    let up = Up::start(&[]);
    up.order();
    up.settle();
    assert!(up.refused(&["republish", "--table", "carts"]).contains("there are orders, deliveries"));
    assert!(up.refused(&["republish", "--key", "nobody"]).contains("no outbox holds an event of key \"nobody\""));
    assert!(up.refused(&["republish", "--since", "1h", "--until", "2h"]).contains("--since has to be earlier"));
    assert!(up.refused(&["republish", "--resume", "orders"]).contains("needs TABLE:ITEM"));
    let resumed = up.printed(&["republish", "--yes", "--resume", "catalog:zzz"]);
    assert!(resumed.contains("no outbox holds an event"), "{resumed}");
    assert!(up.interrupt(), "Ctrl-C is no failure");
}

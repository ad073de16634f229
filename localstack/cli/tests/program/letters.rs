//! Dead letters at an operator's hands: found, refused, redriven in order, discarded.

use serde_json::Value;

use crate::run::{Up, printed, whenever};

/// The letters as `list --json` shows them.
fn letters(up: &Up) -> Vec<Value> {
    let listed = up.printed(&["dead-letters", "list", "--json"]);
    listed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn what_the_platform_refused_is_told_in_order_once_it_takes_it() {
    let up = Up::start(&["--deadline", "60"]);
    up.call("PUT", "/_local/platform/fault", r#"{"status": 400}"#);
    let order = up.order();
    up.until(|| letters(&up), |letters| letters.len() == 1);
    up.call("DELETE", &format!("/orders/{order}"), "");
    let waiting = up.until(|| letters(&up), |letters| letters.len() == 2);
    assert_eq!(waiting[0]["event"]["type"], "OrderPlaced", "{waiting:?}");
    assert!(waiting[1]["reason"].as_str().unwrap().starts_with("waits behind order-events/0/"), "{waiting:?}");
    assert_eq!((&waiting[0]["attempts"], &waiting[1]["attempts"]), (&1.into(), &0.into()));
    for letter in &waiting {
        assert_eq!((&letter["policy"], &letter["key"]), (&"forward-to-data-platform".into(), &order.as_str().into()));
        assert_eq!(
            (&letter["topic"], &letter["event"]["correlationId"]),
            (&"order-events".into(), &order.as_str().into())
        );
        assert_eq!(letter["value"]["data"]["orderId"], order.as_str());
    }

    // Nothing happens unasked, or by a dry run.
    let redrive = ["dead-letters", "redrive", "--key", order.as_str()];
    assert!(
        up.printed(&[&redrive[..], &["--dry-run"]].concat())
            .contains("2 records are handed to their policies again: not done")
    );
    assert!(up.refused(&redrive).contains("say --yes, or --dry-run"));
    // The first fails again; the one behind it is not tried.
    let said = up.refused(&[&redrive[..], &["--yes"]].concat());
    assert!(said.contains("given up again: the outside system answered 400"), "{said}");
    assert!(said.contains("0 redriven, 2 left, 1 of them behind one that failed"), "{said}");
    assert_eq!(letters(&up)[0]["attempts"], 2);
    // The second alone waits on.
    let second = format!("order-events/0/{}", waiting[1]["offset"]);
    let said = up.refused(&["dead-letters", "redrive", "--record", &second, "--yes"]);
    assert!(said.contains("given up again: waits behind"), "{said}");

    up.call("DELETE", "/_local/platform/fault", "");
    let said = up.printed(&[&redrive[..], &["--yes", "--rate", "20"]].concat());
    assert!(said.ends_with("2 redriven\n"), "{said}");
    let told = up.call("GET", "/_local/platform", "");
    let told = told["received"].as_array().unwrap().iter().filter(|told| told["body"]["orderId"] == order.as_str());
    let told: Vec<_> = told.map(|told| told["body"]["status"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(told, ["CONFIRMED", "CANCELLED"]);
    assert_eq!(up.printed(&["dead-letters", "redrive", "--yes"]), "no dead letters\n");
    assert!(up.interrupt(), "Ctrl-C is no failure");
}

#[test]
fn what_nobody_ever_heard_of_is_refused_with_what_there_is() {
    let up = Up::start(&[]);
    let garbage = std::env::temp_dir().join(format!("whenever-letters-{}.json", std::process::id()));
    let record = r#"{"topic":"order-events","partition":0,"offset":7,"timestamp":1,"key":"a2V5","value":"bm9wZQ=="}"#;
    std::fs::write(&garbage, format!(r#"{{"records":{{"order-events-0":[{record}]}}}}"#)).unwrap();
    printed(&["invoke", "place-order", "--event", garbage.to_str().unwrap(), "--lambda-url", &up.lambda]);
    std::fs::remove_file(&garbage).unwrap();

    for (wrong, known) in [
        (["--policy", "place-oder"], "place-order"),
        (["--key", "kye"], "key"),
        (["--reason", "sold out"], "no CloudEvents envelope"),
        (["--record", "order-events/0/8"], "order-events/0/7"),
        (["--since", "2999-01-01T00:00:00Z"], "the last at"),
        (["--until", "2h"], "the first was at"),
        (["--since", "yesterday"], "needs a time"),
    ] {
        for command in ["list", "show", "redrive", "discard"] {
            let said = up.refused(&["dead-letters", command, wrong[0], wrong[1]]);
            assert!(said.contains(known), "{command} {wrong:?}: {said}");
        }
    }
    assert_eq!(up.printed(&["dead-letters", "list", "--policy", "take-payment"]), "no dead letters\n");

    let shown: Value = serde_json::from_str(&up.printed(&["dead-letters", "show", "--reason", "cloudevents"])).unwrap();
    assert_eq!((&shown["key"], &shown["value"], &shown["attempts"]), (&"key".into(), &"nope".into(), &1.into()));
    let said = up.refused(&["dead-letters", "redrive", "--yes"]);
    assert!(said.contains("order-events/0/7 of place-order: given up again: the value is no CloudEvents"), "{said}");
    assert!(
        up.printed(&["dead-letters", "discard", "--dry-run"]).contains("1 records are discarded for good: not done")
    );
    let said = up.printed(&["dead-letters", "discard", "--key", "key", "--yes"]);
    assert!(said.ends_with("1 discarded\n"), "{said}");
    assert_eq!(up.printed(&["dead-letters"]), "no dead letters\n");
    assert!(up.interrupt(), "Ctrl-C is no failure");
}

#[test]
fn the_table_store_and_the_invoke_api_can_be_named() {
    let up = Up::start(&[]);
    let list = whenever(&["dead-letters", "--dynamodb", &up.dynamodb, "--lambda-url", &up.lambda]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&list.stdout), "no dead letters\n", "{list:?}");
    let foreign = whenever(&["dead-letters", "--dynamodb", &up.dynamodb, "--stack", "shop"]).output().unwrap();
    let said = String::from_utf8_lossy(&foreign.stderr);
    assert!(said.contains("no table begins with shop-"), "{said}");
    assert!(up.interrupt(), "Ctrl-C is no failure");
}

//! Damage made by hand is found with its items; a sound shop is sound, under load too.

use std::process::Stdio;

use serde_json::{Value, json};
use whenever::item::Item;
use whenever::ports::Store as _;
use whenever::ports::store::{Condition, ItemKey, Put};
use whenever::{DynamoStore, Settings};

use crate::run::{Up, whenever};

/// The shop's tables, as nobody but its functions should touch them.
fn tables(up: &Up) -> DynamoStore {
    let settings: Settings = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", up.dynamodb.as_str()),
        ("ORDERS_TABLE", "OrdersTable"),
        ("INVENTORIES_TABLE", "InventoriesTable"),
        ("ACCOUNTS_TABLE", "AccountsTable"),
        ("DELIVERIES_TABLE", "DeliveriesTable"),
        ("CATALOG_TABLE", "CatalogTable"),
    ]
    .into_iter()
    .collect();
    DynamoStore::from_settings(&settings).unwrap()
}

async fn item(store: &DynamoStore, table: &'static str, pk: &str) -> Item {
    store.load(&[ItemKey { table, pk: pk.to_owned() }]).await.unwrap().remove(0).unwrap()
}

async fn put(store: &DynamoStore, table: &'static str, item: Item) {
    store.put(Put { table, item, when: Condition::Any }).await.unwrap();
}

#[tokio::test]
async fn each_kind_of_damage_is_found_with_its_items() {
    let up = Up::start(&[]);
    up.call("POST", "/accounts", r#"{"id": "ann", "balance": 100}"#);
    let order = up.order();
    up.settle();
    assert!(up.printed(&["verify"]).contains("all agree"), "a sound shop needs no second look");
    let store = tables(&up);
    for (table, pk, field, value, says) in [
        ("inventories", "product#tv".to_owned(), "stock", json!(3), "product tv has a stock of 3, but 5 were supplied"),
        ("accounts", "account#ann".to_owned(), "balance", json!(99), "account ann has a balance of 99"),
        ("catalog", "metrics#tv".to_owned(), "sales", json!(2), "of product tv 2 pieces in 1 orders were counted"),
        ("deliveries", format!("delivery#{order}"), "address", json!("elsewhere"), "is delivered to elsewhere"),
        ("deliveries", format!("delivery#{order}"), "status", json!("CANCELLED"), "is PLACED, but has no delivery"),
        ("accounts", format!("payment#{order}"), "status", json!("REFUNDED"), "is PLACED, but has no payment"),
        ("inventories", format!("reservation#{order}"), "status", json!("RELEASED"), "is PLACED, but has no stock"),
        ("orders", format!("order#{order}"), "status", json!("NONSENSE"), "cannot be read"),
    ] {
        let sound = item(&store, table, &pk).await;
        let mut damaged = sound.clone();
        damaged.insert(field.to_owned(), value);
        damaged.remove("outbox");
        put(&store, table, damaged).await;
        let found = up.refused(&["verify", "--grace", "0.2"]);
        let named = format!("  {pk} (version ");
        assert!(found.contains(says) && found.contains(&named), "{field} of {pk}: {found}");
        put(&store, table, sound).await;
    }
    up.settle();
    let said = up.printed(&["verify", "--json", "--grace", "0.2"]);
    assert_eq!(said, "", "everything is as it was");
    assert!(up.interrupt(), "Ctrl-C is no failure");
}

#[test]
fn under_load_there_is_no_false_alarm() {
    let up = Up::start(&["--deadline", "60"]);
    let mut bench = whenever(&["bench", "--url", &up.api, "--orders", "400", "--clients", "20", "--json"]);
    let mut bench = bench.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut rounds = 0;
    while bench.try_wait().unwrap().is_none() {
        up.printed(&["verify", "--grace", "5"]);
        rounds += 1;
    }
    let bench: Value = serde_json::from_slice(&bench.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(bench["failed"], 0, "{bench}");
    assert!(rounds > 0, "nothing was verified while orders were placed");
    up.settle();
    assert!(up.printed(&["verify"]).contains("all agree"));
    assert!(up.interrupt(), "Ctrl-C is no failure");
}

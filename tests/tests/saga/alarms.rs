//! What alarms are made on stands in the functions' log lines, in CloudWatch's embedded metric format.

use serde_json::json;

use crate::STAGE;

#[tokio::test]
async fn records_that_are_parked_are_counted_in_their_invocations_line() {
    let shop = STAGE.enter().await;
    let before = shop.metrics("place-order").await.len();
    let order = shop.unique("order");
    let good = shop.made_up(&order, "OrderCreated", &json!({}));
    shop.deliver("place-order", &[&good]).await;
    let bad = [shop.raw_record(&order, b"no json"), shop.raw_record(&order, b"none either")];
    assert_eq!(shop.deliver_records("place-order", &bad).await, [0; 0]);
    for record in &bad {
        shop.parked("place-order", record).await;
    }
    // The line may come a moment after the answer, and other tests park as well.
    let counted = shop.until(async || shop.metrics("place-order").await, |lines| lines.len() > before).await;
    let line = counted[before..].iter().find(|line| line["Parked"] == 2 && line["records"] == 2);
    let line = line.unwrap_or_else(|| panic!("two of two are not counted in {counted:?}"));
    assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"], json!([{"Name": "Parked", "Unit": "Count"}]));
    // The local stack's name.
    assert_eq!(line["Stack"], "local");
    assert!(counted.iter().all(|line| line["parked"] != 0), "what parks nothing counts nothing: {counted:?}");
    shop.leave().await;
}

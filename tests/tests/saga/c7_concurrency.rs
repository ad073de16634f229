//! C7: many at once want the same stock and the same money.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::{Shop, Stage};

use crate::STAGE;

/// The spike has a stack to itself: the thousands of orders that it leaves would make every later look at the tables long.
static SPIKE_STAGE: Stage = Stage::new(&[("DeadlineSeconds", "600")]);

/// How many of these orders are PLACED, once all have ended.
async fn placed_of(shop: &Shop, orders: &[String]) -> usize {
    shop.settle().await;
    let shown = join_all(orders.iter().map(|order| shop.show(order))).await;
    assert!(shown.iter().all(|order| order["status"] == "PLACED" || order["status"] == "REJECTED"), "{shown:?}");
    shown.iter().filter(|order| order["status"] == "PLACED").count()
}

async fn orders_at_once(shop: &Shop, count: usize, product: &str) -> Vec<String> {
    join_all((0..count).map(|_| shop.order_of(product, 1))).await
}

#[tokio::test]
async fn c_064_ten_want_the_last_two() {
    let shop = STAGE.enter().await;
    let product = shop.product(2).await;
    let orders = orders_at_once(&shop, 10, &product).await;
    assert_eq!(placed_of(&shop, &orders).await, 2);
    for order in orders {
        let order = shop.show(&order).await;
        assert!(order["status"] == "PLACED" || order["reason"] == "INVENTORY", "{order}");
    }
    assert_eq!(shop.stock(&product).await, 0);
    shop.leave().await;
}

#[tokio::test]
async fn c_065_five_want_the_last_one() {
    let shop = STAGE.enter().await;
    let product = shop.product(1).await;
    let orders = orders_at_once(&shop, 5, &product).await;
    assert_eq!(placed_of(&shop, &orders).await, 1);
    assert_eq!(shop.stock(&product).await, 0);
    shop.leave().await;
}

#[tokio::test]
async fn orders_of_the_same_products_the_other_way_round_do_not_block_each_other() {
    let shop = STAGE.enter().await;
    let [a, b] = [shop.product(100).await, shop.product(100).await];
    let order = async |first: &str, second: &str| {
        let items = [first, second].map(|product| json!({"productId": product, "quantity": 2}));
        shop.order(&json!({"items": items})).await
    };
    let orders = (0..20).map(|n| if n % 2 == 0 { order(&a, &b) } else { order(&b, &a) });
    let orders = join_all(orders).await;
    assert_eq!(placed_of(&shop, &orders).await, 20);
    assert_eq!((shop.stock(&a).await, shop.stock(&b).await), (60, 60));
    shop.leave().await;
}

#[tokio::test]
async fn stock_that_is_counted_anew_while_it_is_sold_adds_up() {
    let shop = STAGE.enter().await;
    let product = shop.product(1_000).await;
    let path = format!("/inventories/{product}");
    let counted = async {
        for stock in [500, 2_000, 700] {
            let answer = shop.patch(&path, &json!({"stock": stock})).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    };
    let (orders, ()) = futures_util::future::join(orders_at_once(&shop, 20, &product), counted).await;
    // That `stock` is what was supplied less what was sold is checked on leaving.
    assert_eq!(placed_of(&shop, &orders).await, 20);
    shop.leave().await;
}

#[tokio::test]
async fn c_068_one_balance_pays_one_of_ten_orders() {
    let shop = STAGE.enter().await;
    let customer = shop.account(10_000).await;
    let [p1, p2] = [shop.priced_product(1, 5_000).await, shop.priced_product(1, 3_000).await];
    let items = json!([{"productId": p1, "quantity": 1}, {"productId": p2, "quantity": 1}]);
    let order = json!({"customerId": customer, "items": items});
    let orders = join_all((0..10).map(|_| shop.order(&order))).await;
    assert_eq!(placed_of(&shop, &orders).await, 1);
    assert_eq!(shop.balance(&customer).await, 2_000);
    assert_eq!((shop.stock(&p1).await, shop.stock(&p2).await), (0, 0));
    shop.leave().await;
}

#[tokio::test]
async fn orders_of_one_customer_never_overdraw_the_account() {
    let shop = STAGE.enter().await;
    let (customer, product) = (shop.account(1_000).await, shop.priced_product(100, 300).await);
    let order = json!({"customerId": customer, "productId": product, "qty": 1});
    let orders = join_all((0..10).map(|_| shop.order(&order))).await;
    assert_eq!(placed_of(&shop, &orders).await, 3);
    assert_eq!((shop.balance(&customer).await, shop.stock(&product).await), (100, 97));
    shop.leave().await;
}

#[tokio::test]
async fn charges_at_once_all_count() {
    let shop = STAGE.enter().await;
    let customer = shop.account(0).await;
    let path = format!("/accounts/{customer}/charge");
    let charged = join_all((0..20).map(async |_| shop.post(&path, &json!({"amount": "10"})).await.status)).await;
    assert!(charged.iter().all(|status| *status == 200), "{charged:?}");
    assert_eq!(shop.balance(&customer).await, 200);
    shop.leave().await;
}

#[tokio::test]
async fn c_071_a_spike_sells_no_more_than_there_is() {
    const STOCK: i64 = 500;
    const CUSTOMERS: usize = 500;
    const CLIENTS: usize = 100;
    const SPIKE: Duration = Duration::from_secs(10);
    let shop = SPIKE_STAGE.enter().await;
    let product = shop.priced_product(STOCK, 10).await;
    let customers = join_all((0..CUSTOMERS).map(|_| shop.account(10_000_000))).await;
    let end = Instant::now() + SPIKE;
    let client = async |n: usize| {
        let mut accepted = Vec::new();
        while Instant::now() < end {
            // Steps of a prime: each client meets the customers in another order.
            let customer = &customers[(n * 7_919 + accepted.len() * 104_729) % CUSTOMERS];
            let order = json!({"customerId": customer, "productId": product, "qty": 1});
            accepted.push(shop.order(&order).await);
        }
        accepted
    };
    let accepted = join_all((0..CLIENTS).map(client)).await.concat();
    let placed = placed_of(&shop, &accepted).await;
    let wanted = accepted.len().min(usize::try_from(STOCK).unwrap());
    assert_eq!(placed, wanted, "of {} accepted orders", accepted.len());
    assert_eq!(shop.stock(&product).await, STOCK - i64::try_from(placed).unwrap());
    shop.leave().await;
}

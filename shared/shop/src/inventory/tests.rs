//! Stock that is taken, given back and counted anew.

use whenever::kit::{Scenario, given, received};
use whenever::{Counter, CreateNumbered, Refusal};

use super::{
    NewProduct, Product, ProductChange, Reservation, StockDecreased, StockIncreased, change, create, give_back, take,
    view,
};
use crate::delivery::{DeliveryCancelled, DeliveryStarted};
use crate::saga_tests::lines;
use crate::values::{Address, Money, ProductName, Stock};

fn product(stock: i64) -> NewProduct {
    NewProduct {
        name: ProductName::new("TV").unwrap(),
        stock: Stock::given(stock).unwrap(),
        price: Money::given(3_000).unwrap(),
    }
}

fn shop(stock: i64) -> Scenario {
    let mut shop = given();
    assert_eq!(shop.when(create(1.into(), product(stock))).outcome, Ok(()));
    shop
}

fn started(shop: &Scenario, order: u64, items: &[(u64, i64)]) -> whenever::Received<DeliveryStarted> {
    let due_at = shop.now().plus(std::time::Duration::from_secs(5));
    let (items, address) = (lines(items), Address::default());
    let data =
        DeliveryStarted { order_id: order.into(), customer_id: 1.into(), items, address, coupon_id: None, due_at };
    received(shop.now(), data)
}

fn cancelled(shop: &Scenario, order: u64, items: &[(u64, i64)]) -> whenever::Received<DeliveryCancelled> {
    received(shop.now(), DeliveryCancelled { order_id: order.into(), items: lines(items) })
}

fn stock(shop: &Scenario) -> (i64, i64) {
    let product = shop.state::<Product>("1").unwrap();
    (product.stock.value(), product.supplied.value())
}

#[test]
fn c_002_stock_decreases_by_the_ordered_quantity() {
    let mut shop = shop(10);
    let event = started(&shop, 7, &[(1, 5)]);
    let taken = shop.when(take(&event)).event::<StockDecreased>();
    assert_eq!(stock(&shop), (5, 10));
    assert_eq!((taken.total.value(), taken.due_at), (15_000, event.due_at));
}

#[test]
fn c_011_one_piece_short_is_short_and_equal_is_enough() {
    let mut shop = shop(10);
    let short = shop.when(take(&started(&shop, 1, &[(1, 11)])));
    assert_eq!(short.types(), ["StockDecreaseFailed"]);
    assert_eq!((&short.events[0].data["orderId"], &short.events[0].data["stock"]), (&"1".into(), &10.into()));
    assert_eq!(stock(&shop), (10, 10));
    assert_eq!(shop.when(take(&started(&shop, 2, &[(1, 10)]))).types(), ["StockDecreased"]);
    assert_eq!(stock(&shop), (0, 10));
}

#[test]
fn the_same_product_on_two_lines_counts_together() {
    let mut shop = shop(10);
    assert_eq!(shop.when(take(&started(&shop, 1, &[(1, 6), (1, 5)]))).types(), ["StockDecreaseFailed"]);
    assert_eq!(shop.when(take(&started(&shop, 2, &[(1, 6), (1, 4)]))).types(), ["StockDecreased"]);
    let given_back = shop.when(give_back(&cancelled(&shop, 2, &[(1, 6), (1, 4)])));
    assert_eq!(given_back.event::<StockIncreased>().items.iter().count(), 2);
    assert_eq!(stock(&shop), (10, 10));
}

#[test]
fn c_021_what_is_given_back_is_what_was_taken_whatever_the_event_says() {
    let mut shop = shop(10);
    shop.when(take(&started(&shop, 7, &[(1, 3)])));
    let event = cancelled(&shop, 7, &[(1, 9)]);
    assert_eq!(shop.when(give_back(&event)).types(), ["StockIncreased"]);
    assert!(shop.when(give_back(&event)).events.is_empty());
    assert_eq!(stock(&shop), (10, 10));
}

#[test]
fn an_order_that_costs_more_than_can_be_counted_is_refused() {
    let mut shop = shop(1_000_000_000);
    let price = Money::given(Money::MOST_GIVEN).ok();
    assert_eq!(shop.when(change(&1.into(), ProductChange { price, ..ProductChange::default() })).outcome, Ok(()));
    let dear = shop.when(take(&started(&shop, 7, &[(1, 1_000_000), (1, 1_000_000)])));
    assert_eq!(dear.types(), ["StockDecreaseFailed"]);
    assert_eq!(stock(&shop).0, 1_000_000_000);
}

#[test]
fn counting_the_stock_anew_changes_the_supply_by_as_much_and_nothing_else() {
    let mut shop = shop(10);
    shop.when(take(&started(&shop, 7, &[(1, 3)])));
    let recount = ProductChange { stock: Stock::given(2).ok(), ..ProductChange::default() };
    assert_eq!(shop.when(change(&1.into(), recount)).outcome, Ok(()));
    assert_eq!(stock(&shop), (2, 5));
    let shown = serde_json::to_value(view(shop.state("1").unwrap())).unwrap();
    assert_eq!(shown, serde_json::json!({"id": "1", "name": "TV", "stock": 2, "price": 3_000}));
    let missing = shop.when(change(&9.into(), ProductChange::default()));
    assert!(matches!(missing.outcome, Err(Refusal::Missing(_))));
}

#[test]
fn a_product_without_an_id_gets_the_next_number_that_is_free() {
    let mut shop = shop(1);
    let next = |shop: &Scenario| Counter::<Product>::next(shop.state("product"));
    assert_eq!(next(&shop), 1);
    let numbered = |number| CreateNumbered::<Product>::new(number, product(5));
    let taken = shop.when(numbered(1));
    assert!(matches!(taken.outcome, Err(Refusal::Taken(_))));
    assert_eq!(shop.when(numbered(2)).outcome, Ok(()));
    assert_eq!(shop.state::<Product>("2").unwrap().id.as_str(), "2");
    assert_eq!(next(&shop), 3);
}

#[test]
fn a_stored_reservation_reads_back_in_every_state() {
    let mut shop = shop(10);
    shop.when(take(&started(&shop, 1, &[(1, 3)])));
    shop.when(take(&started(&shop, 2, &[(1, 30)])));
    shop.when(take(&started(&shop, 3, &[(1, 3)])));
    shop.when(give_back(&cancelled(&shop, 3, &[(1, 3)])));
    shop.when(give_back(&cancelled(&shop, 4, &[(1, 3)])));
    for order in ["1", "2", "3", "4"] {
        let reservation = shop.state::<Reservation>(order).unwrap();
        let text = serde_json::to_string(reservation).unwrap();
        assert_eq!(&serde_json::from_str::<Reservation>(&text).unwrap(), reservation);
    }
}

//! Random orders, whose events come late, twice, in any order: to each policy and within it, as if any two events of an order had
//! sat on different partitions. Once all have come, the books must balance.

use std::time::Duration;

use proptest::prelude::*;

use super::{Policy, Shop, new_order};
use crate::inventory::{self, ProductChange};
use crate::order::NewOrder;
use crate::values::{Address, Money, Stock};
use crate::{delivery, order, payment};

const ORDERS: u64 = 8;
const ADDRESSES: &[&str] = &["SEOUL", "PUSAN", "INCHEON", "NOWHERE"];
/// One for all, one for two customers, and one that is unknown.
const COUPONS: std::ops::RangeInclusive<u64> = 70..=72;

#[derive(Debug, Clone)]
enum Step {
    Order {
        customer: u64,
        lines: Vec<(u64, i64)>,
        deliverable: bool,
        coupon: Option<u64>,
    },
    /// A customer asks for one of the coupons, of which there may be none.
    Request {
        customer: u64,
        coupon: u64,
    },
    /// Handles one of the waiting events, any of them.
    Deliver(prop::sample::Index),
    /// The same, and it will come again.
    DeliverTwice(prop::sample::Index),
    /// Something that has been handled comes again.
    Replay(prop::sample::Index),
    Modify(u64, &'static str),
    Cancel(u64),
    Complete(u64),
    Restock(u64, i64),
    Charge(u64, i64),
    Wait(Duration),
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    let lines = prop::collection::vec((1..=4_u64, 1..=6_i64), 1..4);
    prop_oneof![
        4 => (1..=3_u64, lines, prop::bool::weighted(0.9), prop::option::of(COUPONS))
            .prop_map(|(customer, lines, deliverable, coupon)| Step::Order { customer, lines, deliverable, coupon }),
        4 => (1..=3_u64, COUPONS).prop_map(|(customer, coupon)| Step::Request { customer, coupon }),
        20 => any::<prop::sample::Index>().prop_map(Step::Deliver),
        4 => any::<prop::sample::Index>().prop_map(Step::DeliverTwice),
        4 => any::<prop::sample::Index>().prop_map(Step::Replay),
        4 => (0..ORDERS, prop::sample::select(ADDRESSES)).prop_map(|(id, address)| Step::Modify(id, address)),
        2 => (0..ORDERS).prop_map(Step::Cancel),
        1 => (0..ORDERS).prop_map(Step::Complete),
        1 => (1..=3_u64, 0..=20_i64).prop_map(|(product, stock)| Step::Restock(product, stock)),
        1 => (1..=2_u64, 0..=50_i64).prop_map(|(customer, amount)| Step::Charge(customer, amount)),
        2 => (0..2_500_u64).prop_map(|ms| Step::Wait(Duration::from_millis(ms))),
        1 => Just(Step::Sweep),
    ]
}

/// A step that the shop refuses to a customer is as good as none.
fn take(shop: &mut Shop, created: &mut u64, step: Step) {
    match step {
        Step::Order { customer, lines, deliverable, coupon } if *created < ORDERS => {
            let address = Address::new(if deliverable { "SEOUL" } else { "NOWHERE" }).unwrap();
            let coupon_id = coupon.map(Into::into);
            shop.create(NewOrder { address, coupon_id, ..new_order(*created, customer, &lines) });
            *created += 1;
        }
        Step::Request { customer, coupon } => shop.request(coupon, customer),
        Step::Order { .. } => {}
        Step::Deliver(which) if !shop.pending.is_empty() => {
            let (policy, event) = shop.pending.remove(which.index(shop.pending.len()));
            shop.deliver(policy, &event);
        }
        Step::DeliverTwice(which) if !shop.pending.is_empty() => {
            let (policy, event) = which.get(&shop.pending).clone();
            shop.deliver(policy, &event);
        }
        Step::Replay(which) if !shop.log.is_empty() => {
            let event = which.get(&shop.log).clone();
            for policy in Policy::ALL.iter().copied().filter(|policy| policy.answer(&event).is_some()) {
                shop.deliver(policy, &event);
            }
        }
        Step::Deliver(_) | Step::DeliverTwice(_) | Step::Replay(_) => {}
        Step::Modify(id, address) => drop(shop.modify(id, address)),
        Step::Cancel(id) => drop(shop.ask(order::cancel(&id.into()))),
        Step::Complete(id) => drop(shop.ask(delivery::complete(&id.into()))),
        Step::Restock(id, stock) => {
            let change = ProductChange { stock: Stock::given(stock).ok(), ..ProductChange::default() };
            shop.ask(inventory::change(&id.into(), change)).unwrap();
        }
        Step::Charge(id, amount) => {
            shop.ask(payment::charge(&id.into(), Money::given(amount).unwrap())).unwrap();
        }
        Step::Wait(time) => shop.wait(time),
        Step::Sweep => shop.sweep(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_order_the_books_balance(
        steps in prop::collection::vec(step(), 1..120),
        rest in prop::collection::vec(any::<prop::sample::Index>(), 32),
    ) {
        let mut shop = Shop::open()
            .with_product(1, 10, 0)
            .with_product(2, 10, 3)
            .with_product(3, 5, 10)
            .with_account(1, 100)
            .with_account(2, 40)
            .with_coupon(70, 3, 10, 0)
            .with_coupon(71, 2, 1_000, 0);
        let mut created = 0;
        for step in steps {
            take(&mut shop, &mut created, step);
        }
        let mut rest = rest.iter().cycle();
        let mut deliver_the_rest = |shop: &mut Shop| {
            while let Some(which) = rest.next().filter(|_| !shop.pending.is_empty()) {
                take(shop, &mut created, Step::Deliver(*which));
            }
        };
        deliver_the_rest(&mut shop);
        shop.wait(Duration::from_secs(3_600));
        shop.sweep();
        deliver_the_rest(&mut shop);
        shop.assert_settled();
    }
}

//! The whole saga in pure code: every policy listens to every event, as the deployed functions do.

mod chaos;
mod coupons;
mod duplicates;
mod endings;
mod late;
mod modified;

use std::collections::BTreeSet;
use std::time::Duration;

use whenever::kit::{Scenario, Then, given, received};
use whenever::{Aggregate, Command, Envelope, Event, Received, Refusal};

use crate::catalog::{self, Sale, SaleCancelled};
use crate::coupon::{self, Coupon, CouponRequested, UserCoupon};
use crate::delivery::{self, UndeliverableAreas};
use crate::invariants::{Snapshot, history_violations};
use crate::inventory::{self, NewProduct, Product};
use crate::order::{self, NewOrder, Order, OrderCancelled, OrderEnd, OrderRejected, Status};
use crate::payment::{self, Account};
use crate::values::{Address, CouponQuantity, Line, Lines, Money, OrderId, ProductId, Quantity, Stock};

pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// Numbers of coupons; no order has such a number.
const COUPONS: std::ops::Range<u64> = 70..75;

/// The policies of the saga, each with what makes it act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    StartDelivery,
    ModifyDelivery,
    DecreaseStock,
    ReserveCoupon,
    TakePayment,
    PlaceOrder,
    RejectOrder,
    CancelDelivery,
    IncreaseStock,
    RefundPayment,
    UseCoupon,
    ReleaseCoupon,
    RecordMetrics,
}

impl Policy {
    const ALL: &[Policy] = &[
        Policy::StartDelivery,
        Policy::ModifyDelivery,
        Policy::DecreaseStock,
        Policy::ReserveCoupon,
        Policy::TakePayment,
        Policy::PlaceOrder,
        Policy::RejectOrder,
        Policy::CancelDelivery,
        Policy::IncreaseStock,
        Policy::RefundPayment,
        Policy::UseCoupon,
        Policy::ReleaseCoupon,
        Policy::RecordMetrics,
    ];

    /// What it does about `event`; `None` if it does not listen to such.
    fn answer(self, event: &Envelope) -> Option<Box<dyn Command>> {
        let event_type = event.event_type.as_str();
        Some(match (self, event_type) {
            (Policy::StartDelivery, "OrderCreated") => {
                Box::new(delivery::start(&read(event), &UndeliverableAreas::parse("NOWHERE")))
            }
            (Policy::ModifyDelivery, "OrderModified") => Box::new(delivery::modify(&read(event))),
            (Policy::DecreaseStock, "DeliveryStarted") => Box::new(inventory::take(&read(event))),
            (Policy::ReserveCoupon, "StockDecreased") => Box::new(coupon::reserve(&read(event))),
            (Policy::TakePayment, "StockDecreased") => Box::new(payment::take(&read(event))),
            (Policy::TakePayment, "CouponReserved") => Box::new(payment::take_reduced(&read(event))),
            (Policy::PlaceOrder, "PaymentCompleted") => Box::new(order::place(&read(event))),
            (Policy::RejectOrder, "DeliveryFailed") => {
                Box::new(order::reject(&read::<delivery::DeliveryFailed>(event)))
            }
            (Policy::RejectOrder, "StockDecreaseFailed") => {
                Box::new(order::reject(&read::<inventory::StockDecreaseFailed>(event)))
            }
            (Policy::RejectOrder, "CouponReserveFailed") => {
                Box::new(order::reject(&read::<coupon::CouponReserveFailed>(event)))
            }
            (Policy::UseCoupon, "OrderPlaced") => Box::new(coupon::use_up(&read(event))),
            (Policy::RejectOrder, "PaymentFailed") => Box::new(order::reject(&read::<payment::PaymentFailed>(event))),
            (Policy::RecordMetrics, "OrderPlaced") => Box::new(catalog::count::<Sale>(&read(event))),
            (Policy::RecordMetrics, "OrderCancelled") => Box::new(catalog::count::<SaleCancelled>(&read(event))),
            (_, "OrderRejected") => return self.compensate(&read::<OrderRejected>(event)),
            (_, "OrderCancelled") => return self.compensate(&read::<OrderCancelled>(event)),
            (Policy::IncreaseStock, "DeliveryCancelled") => Box::new(inventory::give_back(&read(event))),
            _ => return None,
        })
    }

    fn compensate<E: OrderEnd>(self, event: &Received<E>) -> Option<Box<dyn Command>> {
        match self {
            Policy::CancelDelivery => Some(Box::new(delivery::cancel(event))),
            Policy::RefundPayment => Some(Box::new(payment::refund(event))),
            Policy::ReleaseCoupon => Some(Box::new(coupon::release(event))),
            _ => None,
        }
    }
}

fn read<E: Event>(event: &Envelope) -> Received<E> {
    let data = event.data().unwrap_or_else(|e| panic!("{}: {e}", event.event_type));
    Received { id: event.id.clone(), time: event.time, data }
}

/// A shop whose events are handled when the test says so.
pub(crate) struct Shop {
    world: Scenario,
    /// All that was ever emitted.
    pub(crate) log: Vec<Envelope>,
    /// What is still to be handled.
    pub(crate) pending: Vec<(Policy, Envelope)>,
    ids: BTreeSet<OrderId>,
}

impl Shop {
    pub(crate) fn open() -> Self {
        Shop { world: given(), log: Vec::new(), pending: Vec::new(), ids: BTreeSet::new() }
    }

    pub(crate) fn with_product(mut self, id: u64, stock: i64, price: i64) -> Self {
        let product = NewProduct {
            stock: Stock::given(stock).unwrap(),
            price: Money::given(price).unwrap(),
            ..NewProduct::default()
        };
        self.ask(inventory::create(id.into(), product)).unwrap();
        self
    }

    pub(crate) fn with_account(mut self, id: u64, balance: i64) -> Self {
        self.ask(payment::open(id.into(), Money::given(balance).unwrap())).unwrap();
        self
    }

    /// There are `quantity` coupons number `id`, and customers 1 to `holders` have one each.
    pub(crate) fn with_coupon(mut self, id: u64, quantity: i64, discount: i64, holders: u64) -> Self {
        let terms = coupon::Terms {
            name: None,
            quantity: Some(CouponQuantity::new(quantity).unwrap()),
            discount: Money::given(discount).unwrap(),
        };
        self.ask(coupon::create(id.into(), terms)).unwrap();
        (1..=holders).for_each(|customer| self.request(id, customer));
        self
    }

    /// A customer asks for a coupon.
    pub(crate) fn request(&mut self, coupon: u64, customer: u64) {
        let data = CouponRequested { coupon_id: coupon.into(), user_id: customer.into() };
        let event = received(self.world.now(), data);
        self.ask(coupon::issue(&event)).unwrap();
    }

    /// Customer 1 orders `lines` (product, quantity) under number `id`.
    pub(crate) fn order(&mut self, id: u64, lines: &[(u64, i64)]) {
        self.order_to(id, 1, lines, "SEOUL");
    }

    pub(crate) fn order_to(&mut self, id: u64, customer: u64, lines: &[(u64, i64)], address: &str) {
        self.create(NewOrder { address: Address::new(address).unwrap(), ..new_order(id, customer, lines) });
    }

    /// Customer 1 orders 10 pieces of product 1 under number `id`, with a coupon.
    pub(crate) fn order_with(&mut self, id: u64, coupon: u64) {
        self.create(NewOrder { coupon_id: Some(coupon.into()), ..new_order(id, 1, &[(1, 10)]) });
    }

    pub(crate) fn create(&mut self, order: NewOrder) {
        self.ids.insert(order.order_id.clone());
        self.ask(order::create(order)).unwrap();
    }

    /// The customer wants order `id` delivered to `address`.
    pub(crate) fn modify(&mut self, id: u64, address: &str) -> Result<(), Refusal> {
        self.ask(order::modify(&id.into(), Address::new(address).unwrap()))
    }

    /// Asks something, and queues what it emits for every policy that listens to it.
    pub(crate) fn ask(&mut self, command: impl Command) -> Result<(), Refusal> {
        let then = self.world.when(command);
        self.follow(then)
    }

    fn follow(&mut self, Then { outcome, events }: Then) -> Result<(), Refusal> {
        for event in events {
            let listeners = Policy::ALL.iter().filter(|policy| policy.answer(&event).is_some());
            self.pending.extend(listeners.map(|policy| (*policy, event.clone())));
            self.log.push(event);
        }
        outcome
    }

    /// Hands `event` to `policy`. A policy of the shop is never refused.
    pub(crate) fn deliver(&mut self, policy: Policy, event: &Envelope) {
        let command = policy.answer(event).unwrap_or_else(|| panic!("{policy:?} does not take {event:?}"));
        let then = self.world.when_any(&*command);
        self.follow(then).unwrap();
    }

    /// Handles everything but what `paused` would have to do.
    pub(crate) fn run_without(&mut self, paused: &[Policy]) {
        while let Some(at) = self.pending.iter().position(|(policy, _)| !paused.contains(policy)) {
            let (policy, event) = self.pending.remove(at);
            self.deliver(policy, &event);
        }
    }

    pub(crate) fn run(&mut self) {
        self.run_without(&[]);
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.world.wait(time);
    }

    pub(crate) fn sweep(&mut self) {
        for id in self.ids.clone() {
            self.ask(order::reach_deadline(id.as_str())).unwrap();
        }
    }

    /// The one event of this type about order `id`.
    pub(crate) fn event(&self, id: u64, event_type: &str) -> Envelope {
        let found: Vec<_> = self.of_order(id).filter(|event| event.event_type == event_type).collect();
        assert_eq!(found.len(), 1, "{event_type} of order {id}: {:?}", self.types(id));
        found[0].clone()
    }

    /// The types of all events about order `id`, as they happened.
    pub(crate) fn types(&self, id: u64) -> Vec<&str> {
        self.of_order(id).map(|event| event.event_type.as_str()).collect()
    }

    fn of_order(&self, id: u64) -> impl Iterator<Item = &Envelope> {
        let id = id.to_string();
        self.log.iter().filter(move |event| event.correlationid == id)
    }

    pub(crate) fn status(&self, id: u64) -> Status {
        self.state::<Order>(id).map(Order::status).unwrap()
    }

    /// The order as the API shows it.
    pub(crate) fn answer(&self, id: u64) -> serde_json::Value {
        serde_json::to_value(order::view(self.state(id).unwrap())).unwrap()
    }

    pub(crate) fn stock(&self, id: u64) -> i64 {
        self.state::<Product>(id).unwrap().stock.value()
    }

    pub(crate) fn balance(&self, id: u64) -> i64 {
        self.state::<Account>(id).unwrap().balance.value()
    }

    /// What customer 1 has of a coupon.
    pub(crate) fn user_coupon(&self, id: u64) -> Option<&UserCoupon> {
        self.world.state(&UserCoupon::key(&id.into(), &1.into()))
    }

    pub(crate) fn state<A: Aggregate>(&self, id: u64) -> Option<&A> {
        self.world.state(&id.to_string())
    }

    /// Everything has been handled, and all is as it must be.
    pub(crate) fn assert_settled(&self) {
        assert!(self.pending.is_empty(), "{:?}", self.pending);
        let snapshot = self.snapshot();
        assert_eq!(snapshot.violations(), Vec::<String>::new());
        assert_eq!(history_violations(&snapshot.orders, &self.log), Vec::<String>::new());
    }

    /// All that the shop's tables would hold.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            orders: self.all(),
            deliveries: self.all(),
            reservations: self.all(),
            products: (0..10).filter_map(|id| self.state(id).cloned()).collect(),
            payments: self.all(),
            accounts: (0..10).filter_map(|id| self.state(id).cloned()).collect(),
            coupons: COUPONS.filter_map(|id| self.state::<Coupon>(id).cloned()).collect(),
            user_coupons: COUPONS
                .flat_map(|id| (0..10_u64).map(move |user| UserCoupon::key(&id.into(), &user.into())))
                .filter_map(|key| self.world.state(&key).cloned())
                .collect(),
            claims: self.all(),
            metrics: (0..10).filter_map(|id| self.state(id).cloned()).collect(),
        }
    }

    fn all<A: Aggregate>(&self) -> Vec<A> {
        self.ids.iter().filter_map(|id| self.world.state::<A>(id.as_str()).cloned()).collect()
    }
}

/// What an order is if nothing else is said.
pub(crate) fn new_order(id: u64, customer: u64, lines: &[(u64, i64)]) -> NewOrder {
    NewOrder {
        order_id: id.into(),
        customer_id: customer.into(),
        items: self::lines(lines),
        address: Address::new("SEOUL").unwrap(),
        coupon_id: None,
        deadline: DEADLINE,
    }
}

pub(crate) fn lines(lines: &[(u64, i64)]) -> Lines {
    let line = |&(product, pieces): &(u64, i64)| Line {
        product_id: ProductId::from(product),
        product_name: None,
        quantity: Quantity::new(pieces).unwrap(),
        price: None,
    };
    Lines::new(lines.iter().map(line).collect()).unwrap()
}

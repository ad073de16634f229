//! All that the shop's tables hold.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;
use whenever::Aggregate;
use whenever::item::{Item, PK};

use crate::catalog::ProductMetrics;
use crate::coupon::{Claim, Coupon, UserCoupon};
use crate::delivery::Delivery;
use crate::inventory::{Product, Reservation};
use crate::order::Order;
use crate::payment::{Account, Payment};

/// The tables that hold the shop's aggregates.
pub const TABLES: [&str; 6] =
    [Order::TABLE, Delivery::TABLE, Product::TABLE, Account::TABLE, Coupon::TABLE, ProductMetrics::TABLE];

/// Every aggregate of the shop.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// All orders.
    pub orders: Vec<Order>,
    /// All deliveries.
    pub deliveries: Vec<Delivery>,
    /// All reservations.
    pub reservations: Vec<Reservation>,
    /// All products.
    pub products: Vec<Product>,
    /// All payments.
    pub payments: Vec<Payment>,
    /// All accounts.
    pub accounts: Vec<Account>,
    /// All coupons.
    pub coupons: Vec<Coupon>,
    /// What customers have of them.
    pub user_coupons: Vec<UserCoupon>,
    /// What orders have of those.
    pub claims: Vec<Claim>,
    /// All products' metrics.
    pub metrics: Vec<ProductMetrics>,
}

/// An item that is not what its key says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The item's partition key.
    pub pk: String,
    /// What is wrong with it.
    pub why: String,
}

impl Snapshot {
    /// Reads the items of all the contexts' tables; counters and other kinds are left out.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] names the first item that is damaged.
    pub fn read(items: impl IntoIterator<Item = Item>) -> Result<Self, Unreadable> {
        let mut snapshot = Snapshot::default();
        items.into_iter().try_for_each(|item| snapshot.add(&item))?;
        Ok(snapshot)
    }

    /// Adds an item of any table; counters and other kinds are left out.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where it is damaged.
    pub fn add(&mut self, item: &Item) -> Result<(), Unreadable> {
        let pk = item.get(PK).and_then(Value::as_str).unwrap_or_default();
        let added = match pk.split('#').next().unwrap_or_default() {
            Order::KIND => add(&mut self.orders, item),
            Delivery::KIND => add(&mut self.deliveries, item),
            Reservation::KIND => add(&mut self.reservations, item),
            Product::KIND => add(&mut self.products, item),
            Payment::KIND => add(&mut self.payments, item),
            Account::KIND => add(&mut self.accounts, item),
            Coupon::KIND => add(&mut self.coupons, item),
            UserCoupon::KIND => add(&mut self.user_coupons, item),
            Claim::KIND => add(&mut self.claims, item),
            ProductMetrics::KIND => add(&mut self.metrics, item),
            _ => Ok(()),
        };
        added.map_err(|e| Unreadable { pk: pk.to_owned(), why: e.to_string() })
    }
}

/// What the framework adds to an aggregate's attributes is unknown to it, and passed over.
fn add<A: DeserializeOwned>(to: &mut Vec<A>, item: &Item) -> Result<(), serde_json::Error> {
    to.push(A::deserialize(item)?);
    Ok(())
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {} cannot be read: {}", self.pk, self.why)
    }
}

impl std::error::Error for Unreadable {}

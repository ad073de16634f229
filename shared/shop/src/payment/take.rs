//! Taking what an order costs from the customer's balance.

use whenever::{Command, Received, Refusal, Tables, Timestamp, Touches, World};

use super::{Account, AccountCommand, Payment, PaymentCommand, Receipt};
use crate::coupon::CouponReserved;
use crate::inventory::StockDecreased;
use crate::values::{Bill, Money};

/// Whenever the stock is taken: the customer pays, or cannot. Once per order, and not after the deadline. `None` for an order with
/// a coupon, which is paid once the coupon is reserved.
#[must_use]
pub fn take(event: &Received<StockDecreased>) -> Option<TakePayment> {
    let StockDecreased { order_id, customer_id, coupon_id: None, total, due_at, .. } = event.data.clone() else {
        return None;
    };
    let bill = Bill::new(total, Money::ZERO);
    Some(TakePayment { receipt: Receipt { order_id, customer_id, bill }, due_at })
}

/// Whenever the coupon of an order is reserved: the customer pays what it leaves to pay, or cannot. As [`take`] otherwise.
#[must_use]
pub fn take_reduced(event: &Received<CouponReserved>) -> TakePayment {
    let CouponReserved { order_id, customer_id, bill, due_at, .. } = event.data.clone();
    TakePayment { receipt: Receipt { order_id, customer_id, bill }, due_at }
}

/// Takes what an order costs, together with writing its payment.
#[derive(Debug, Clone)]
pub struct TakePayment {
    receipt: Receipt,
    due_at: Timestamp,
}

impl Command for TakePayment {
    fn tables() -> Tables {
        Tables::of::<Payment>().and(Tables::of::<Account>())
    }

    fn touches(&self) -> Touches {
        let payment = Touches::new().create::<Payment>(&self.receipt.order_id);
        if self.is_free() { payment } else { payment.load::<Account>(&self.receipt.customer_id) }
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let Receipt { order_id, customer_id, bill } = &self.receipt;
        if world.get::<Payment>(order_id.as_str()).is_some() || world.now() > self.due_at {
            return Ok(());
        }
        let command = match self.obstacle(world) {
            Some(message) => PaymentCommand::Refuse(self.receipt.clone(), message),
            None => {
                if !self.is_free() {
                    world.apply::<Account>(customer_id.as_str(), AccountCommand::Pay(bill.payable()))?;
                }
                PaymentCommand::Pay(self.receipt.clone())
            }
        };
        world.apply::<Payment>(order_id.as_str(), command)
    }
}

impl TakePayment {
    /// Nothing to pay needs no account.
    fn is_free(&self) -> bool {
        self.receipt.bill.payable() == Money::ZERO
    }

    fn obstacle(&self, world: &World) -> Option<String> {
        if self.is_free() {
            return None;
        }
        let (customer, payable) = (&self.receipt.customer_id, self.receipt.bill.payable());
        match world.get::<Account>(customer.as_str()) {
            None => Some(format!("customer {customer} has no account")),
            Some(account) if account.balance < payable => {
                Some(format!("insufficient balance: {payable} to pay, {} there", account.balance))
            }
            Some(_) => None,
        }
    }
}

//! Giving back what was paid for an order.

use whenever::{Command, Received, Refusal, Tables, Touches, World};

use super::{Account, AccountCommand, Payment, PaymentCommand};
use crate::order::OrderEnd;
use crate::values::{CustomerId, Money, OrderId};

/// Whenever an order is rejected or cancelled: exactly what was taken is given back. Once; and where nothing was taken yet,
/// nothing will be.
#[must_use]
pub fn refund<E: OrderEnd>(event: &Received<E>) -> Refund {
    Refund { order_id: event.order_id().clone(), customer_id: event.customer_id().clone() }
}

/// Gives back what was paid for an order, together with changing its payment.
#[derive(Debug, Clone)]
pub struct Refund {
    order_id: OrderId,
    customer_id: CustomerId,
}

impl Command for Refund {
    fn tables() -> Tables {
        Tables::of::<Payment>().and(Tables::of::<Account>())
    }

    fn touches(&self) -> Touches {
        Touches::new().load::<Payment>(&self.order_id).load::<Account>(&self.customer_id)
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let order_id = self.order_id.as_str();
        if let Some(Payment::Paid(receipt)) = world.get(order_id) {
            let (customer_id, payable) = (receipt.customer_id.clone(), receipt.bill.payable());
            if payable > Money::ZERO {
                world.apply::<Account>(customer_id.as_str(), AccountCommand::Refund(payable))?;
            }
        }
        world.apply::<Payment>(order_id, PaymentCommand::Refund(self.order_id.clone()))
    }
}

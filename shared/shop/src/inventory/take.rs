//! Taking an order's lines from the stock: all or none.

use whenever::{Command, Received, Refusal, Tables, Timestamp, Touches, World};

use super::{Product, ProductCommand, Reservation, ReservationCommand, Shortage, Taken};
use crate::delivery::DeliveryStarted;
use crate::values::{CouponId, CustomerId, Lines, Money, OrderId};

/// Whenever a delivery is started: its lines are taken from the stock, or refused. Once per order, and not after the deadline.
#[must_use]
pub fn take(event: &Received<DeliveryStarted>) -> TakeStock {
    let DeliveryStarted { order_id, customer_id, items, coupon_id, due_at, .. } = event.data.clone();
    TakeStock { order_id, customer_id, items, coupon_id, due_at }
}

/// Takes the lines of an order, together with writing its reservation.
#[derive(Debug, Clone)]
pub struct TakeStock {
    order_id: OrderId,
    customer_id: CustomerId,
    items: Lines,
    coupon_id: Option<CouponId>,
    due_at: Timestamp,
}

impl Command for TakeStock {
    fn tables() -> Tables {
        Tables::of::<Reservation>().and(Tables::of::<Product>())
    }

    fn touches(&self) -> Touches {
        let reservation = Touches::new().create::<Reservation>(&self.order_id);
        self.items.per_product().into_keys().fold(reservation, |touches, id| touches.load::<Product>(id))
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let order_id = self.order_id.as_str();
        if world.get::<Reservation>(order_id).is_some() || world.now() > self.due_at {
            return Ok(());
        }
        let command = match self.prices(world) {
            Ok((items, total)) => {
                for (product_id, pieces) in items.per_product() {
                    world.apply::<Product>(product_id.as_str(), ProductCommand::Take(pieces))?;
                }
                let (order_id, customer_id) = (self.order_id.clone(), self.customer_id.clone());
                let taken = Taken { order_id, customer_id, items, coupon_id: self.coupon_id.clone() };
                ReservationCommand::Take { taken, total, due_at: self.due_at }
            }
            Err(shortage) => ReservationCommand::Refuse(self.order_id.clone(), self.customer_id.clone(), shortage),
        };
        world.apply::<Reservation>(order_id, command)
    }
}

impl TakeStock {
    /// The lines with today's prices and their sum, if there is enough of everything.
    fn prices(&self, world: &World) -> Result<(Lines, Money), Shortage> {
        for (product_id, requested) in self.items.per_product() {
            let stock = world.get::<Product>(product_id.as_str()).map(|product| product.stock);
            let message = match stock {
                Some(stock) if stock >= requested => continue,
                Some(stock) => {
                    format!("product {product_id}: {requested} ordered, {stock} in stock")
                }
                None => format!("product {product_id} is unknown"),
            };
            let product_id = Some(product_id.clone());
            return Err(Shortage { message, product_id, requested: Some(requested), stock });
        }
        let items = self.items.priced(|id| world.get::<Product>(id.as_str()).map(|product| product.price));
        let total = items.total().ok_or_else(|| Shortage {
            message: "the order costs more than can be counted".to_owned(),
            product_id: None,
            requested: None,
            stock: None,
        })?;
        Ok((items, total))
    }
}

//! Giving back what was taken for an order.

use whenever::{Command, Received, Refusal, Tables, Touches, World};

use super::{Product, ProductCommand, Reservation, ReservationCommand};
use crate::delivery::DeliveryCancelled;
use crate::values::{Lines, OrderId};

/// Whenever a delivery is cancelled: exactly what the reservation took is given back. Once; and where nothing was taken yet,
/// nothing will be.
#[must_use]
pub fn give_back(event: &Received<DeliveryCancelled>) -> GiveBackStock {
    GiveBackStock { order_id: event.order_id.clone(), items: event.items.clone() }
}

/// Gives back what was taken for an order, together with releasing its reservation.
#[derive(Debug, Clone)]
pub struct GiveBackStock {
    order_id: OrderId,
    /// Names the products; how many pieces of each, the reservation says.
    items: Lines,
}

impl Command for GiveBackStock {
    fn tables() -> Tables {
        Tables::of::<Reservation>().and(Tables::of::<Product>())
    }

    fn touches(&self) -> Touches {
        let reservation = Touches::new().load::<Reservation>(&self.order_id);
        self.items.per_product().into_keys().fold(reservation, |touches, id| touches.load::<Product>(id))
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        let order_id = self.order_id.as_str();
        if let Some(Reservation::Taken(taken)) = world.get(order_id) {
            let items = taken.items.clone();
            for (product_id, pieces) in items.per_product() {
                world.apply::<Product>(product_id.as_str(), ProductCommand::GiveBack(pieces))?;
            }
        }
        world.apply::<Reservation>(order_id, ReservationCommand::Release(self.order_id.clone()))
    }
}

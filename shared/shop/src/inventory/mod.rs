//! Stock: products, and for each order the reservation that says what was taken for it.

mod commands;
mod events;
mod give_back;
mod product;
mod reservation;
mod take;
#[cfg(test)]
mod tests;
mod view;

pub use commands::{change, create};
pub use events::{StockDecreaseFailed, StockDecreased, StockIncreased};
pub use give_back::{GiveBackStock, give_back};
pub use product::{NewProduct, Product, ProductChange, ProductCommand};
pub use reservation::{Reservation, ReservationCommand, Shortage, Taken};
pub use take::{TakeStock, take};
pub use view::{ProductView, view};

//! The words of the shop that every context uses. Each is checked where it is made, so that wrong data in an event or an
//! item cannot be read at all.

mod amount;
mod bill;
mod id;
mod invalid;
mod lines;
mod modification;
mod quantity;
mod text;

pub use amount::{Money, Stock};
pub use bill::Bill;
pub(crate) use id::pair;
pub use id::{CouponId, CustomerId, OrderId, ProductId};
pub use invalid::Invalid;
pub use lines::{Line, Lines};
pub use modification::Modification;
pub use quantity::{CouponQuantity, Quantity};
pub use text::{Address, CouponName, ProductName};

//! Coupons: first come, first served, one per customer; and for each order that is paid with one, the claim that says so.

mod claim;
mod commands;
mod events;
mod issue;
mod release;
mod reserve;
mod state;
#[cfg(test)]
mod tests;
mod use_up;
mod user_coupon;
mod view;

pub use claim::{Claim, ClaimCommand, Claimed, OrderCoupon};
pub use commands::{create, request};
pub use events::{CouponIssued, CouponRefused, CouponReleased, CouponRequested, CouponReserveFailed, CouponReserved};
pub use issue::{IssueCoupon, issue};
pub use release::{ReleaseCoupon, release};
pub use reserve::{ReserveCoupon, reserve};
pub use state::{Coupon, CouponCommand, Terms};
pub use use_up::{UseCoupon, use_up};
pub use user_coupon::{Denial, Holding, Request, UserCoupon, UserCouponCommand};
pub use view::{CouponView, HeldView, HolderView, UserCouponView, held, holder, user_view, view};

//! Whenever a product is liked, looked at, bought or given up, count it.

use std::process::ExitCode;

use shop::catalog::{LikeChanged, ProductViewed, RECORD_METRICS, Sale, SaleCancelled, count};
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| {
        Ok(Policy::named(RECORD_METRICS)
            .whenever(count::<LikeChanged>)
            .whenever(count::<ProductViewed>)
            .whenever(count::<Sale>)
            .whenever(count::<SaleCancelled>))
    })
}

//! Which function an event comes from.

use shop::catalog::{LikeChanged, ProductViewed};
use shop::coupon::{CouponIssued, CouponRefused, CouponReleased, CouponRequested, CouponReserveFailed, CouponReserved};
use shop::delivery::{DeliveryCancelled, DeliveryCompleted, DeliveryFailed, DeliveryModified, DeliveryStarted};
use shop::inventory::{StockDecreaseFailed, StockDecreased, StockIncreased};
use shop::order::{DeadlineReached, OrderCancelled, OrderCreated, OrderModified, OrderPlaced, OrderRejected};
use shop::payment::{PaymentCompleted, PaymentFailed, PaymentRefunded};
use whenever::{Envelope, Event};

/// The sweep rejects what it found past its deadline itself.
const SWEEP: &str = "sweep-deadlines";

/// Every type of event with the function that emits it.
const EMITTERS: &[(&str, &str)] = &[
    (OrderCreated::TYPE, "orders-api"),
    (DeliveryStarted::TYPE, "start-delivery"),
    (DeliveryFailed::TYPE, "start-delivery"),
    (StockDecreased::TYPE, "decrease-stock"),
    (StockDecreaseFailed::TYPE, "decrease-stock"),
    (CouponReserved::TYPE, "reserve-coupon"),
    (CouponReserveFailed::TYPE, "reserve-coupon"),
    (PaymentCompleted::TYPE, "take-payment"),
    (PaymentFailed::TYPE, "take-payment"),
    (OrderPlaced::TYPE, "place-order"),
    (OrderModified::TYPE, "orders-api"),
    (DeliveryModified::TYPE, "modify-delivery"),
    (DeadlineReached::TYPE, SWEEP),
    (OrderRejected::TYPE, "reject-order"),
    (OrderCancelled::TYPE, "orders-api"),
    (DeliveryCompleted::TYPE, "deliveries-api"),
    (DeliveryCancelled::TYPE, "cancel-delivery"),
    (StockIncreased::TYPE, "increase-stock"),
    (PaymentRefunded::TYPE, "refund-payment"),
    (CouponReleased::TYPE, "release-coupon"),
    (CouponRequested::TYPE, "coupons-api"),
    (CouponIssued::TYPE, "issue-coupon"),
    (CouponRefused::TYPE, "issue-coupon"),
    (LikeChanged::TYPE, "catalog-api"),
    (ProductViewed::TYPE, "catalog-api"),
];

/// The function that emitted the event; `None` for a type that the shop does not have.
pub(super) fn emitter(event: &Envelope) -> Option<&'static str> {
    if event.event_type == OrderRejected::TYPE && event.data.get("reason").is_some_and(|reason| reason == "DEADLINE") {
        return Some(SWEEP);
    }
    EMITTERS.iter().find(|(event_type, _)| *event_type == event.event_type).map(|(_, function)| *function)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use localstack::template::Template;

    use super::EMITTERS;

    #[test]
    fn every_event_of_the_shop_has_an_emitter_that_the_template_runs() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let template = Template::read(&path, &BTreeMap::new()).unwrap();
        let functions: BTreeSet<_> = template.functions.iter().map(|function| function.name.as_str()).collect();
        for (event_type, function) in EMITTERS {
            assert!(functions.contains(function), "{event_type} is said to come from {function}, which does not run");
        }
        let known: BTreeSet<_> = EMITTERS.iter().map(|(event_type, _)| *event_type).collect();
        let all: BTreeSet<_> = shop::event_types().iter().map(|entry| entry.name).collect();
        assert_eq!(known, all);
    }
}

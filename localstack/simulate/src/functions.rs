//! The functions, by the names that the template has for them.

use std::sync::Arc;

use whenever::ports::{Broker, Outside};
use whenever::simulation::Function;
use whenever::{SettingError, Settings};

/// Makes the function of this name; `None` if there is none.
pub(crate) fn function(
    name: &str,
    settings: &Settings,
    broker: &Arc<dyn Broker>,
    outside: &Arc<dyn Outside>,
) -> Option<Result<Function, SettingError>> {
    let (broker, outside) = (broker.clone(), outside.clone());
    Some(Ok(match name {
        "accounts-api" => accounts_api::function().into(),
        "cancel-delivery" => cancel_delivery::function().into(),
        "catalog-api" => catalog_api::function(broker).into(),
        "collect-dead-letters" => collect_dead_letters::function().into(),
        "coupons-api" => coupons_api::function(broker).into(),
        "decrease-stock" => decrease_stock::function().into(),
        "deliveries-api" => deliveries_api::function().into(),
        "forward-to-data-platform" => {
            return Some(forward_to_data_platform::function(settings, outside).map(Into::into));
        }
        "increase-stock" => increase_stock::function().into(),
        "inventories-api" => inventories_api::function().into(),
        "issue-coupon" => issue_coupon::function().into(),
        "modify-delivery" => modify_delivery::function().into(),
        "orders-api" => return Some(orders_api::function(settings).map(Into::into)),
        "place-order" => place_order::function().into(),
        "record-metrics" => record_metrics::function().into(),
        "record-timeline" => record_timeline::function().into(),
        "refund-payment" => refund_payment::function().into(),
        "reject-order" => reject_order::function().into(),
        "relay-outbox" => relay_outbox::function(broker).into(),
        "release-coupon" => release_coupon::function().into(),
        "reserve-coupon" => reserve_coupon::function().into(),
        "start-delivery" => start_delivery::function(settings).into(),
        "sweep-deadlines" => return Some(sweep_deadlines::function(settings).map(Into::into)),
        "take-payment" => take_payment::function().into(),
        "use-coupon" => use_coupon::function().into(),
        _ => return None,
    }))
}

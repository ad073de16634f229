//! As many coupons are issued as customers hold, and never more than there are; an order that claims one is the only one.

use std::collections::{BTreeMap, HashMap};

use super::Snapshot;
use super::violation::{Violation, pk};
use crate::coupon::{Claim, Coupon, Holding, UserCoupon};

pub(super) fn violations(shop: &Snapshot) -> Vec<Violation> {
    let mut found = count_violations(shop);
    found.extend(claim_violations(shop));
    found
}

/// `issued = how many hold it ≤ quantity`.
fn count_violations(shop: &Snapshot) -> Vec<Violation> {
    let mut holders: BTreeMap<&str, u64> = BTreeMap::new();
    for holding in shop.user_coupons.iter().filter_map(UserCoupon::holding) {
        *holders.entry(holding.coupon_id.as_str()).or_default() += 1;
    }
    let mut found = Vec::new();
    for coupon in &shop.coupons {
        let (id, issued) = (&coupon.id, coupon.issued);
        let held = holders.remove(id.as_str()).unwrap_or(0);
        if held != issued {
            let says = format!("coupon {id} was issued {issued} times, but {held} customers hold it");
            found.push(Violation::of::<Coupon>(id.as_str(), says));
        }
        if let Some(quantity) = coupon.terms.quantity.filter(|quantity| issued > u64::from(*quantity)) {
            let says = format!("coupon {id} was issued {issued} times, but there were {quantity}");
            found.push(Violation::of::<Coupon>(id.as_str(), says));
        }
    }
    let unknown = holders.keys();
    found.extend(
        unknown.map(|coupon| Violation::of::<Coupon>(coupon, format!("coupon {coupon} is held, but does not exist"))),
    );
    found
}

/// What a customer's coupon says of an order, the order's claim says of the coupon.
fn claim_violations(shop: &Snapshot) -> Vec<Violation> {
    let mut claims: HashMap<String, &Claim> = HashMap::new();
    let mut found = Vec::new();
    for claim in &shop.claims {
        let Some(claimed) = claim.claimed() else { continue };
        if claims.insert(claimed.coupon.key(), claim).is_some() {
            let (order, coupon) = (claim.order_id(), &claimed.coupon.coupon_id);
            let says = format!("order {order} has coupon {coupon}, which another order has too");
            found.push(Violation::of::<Claim>(order.as_str(), says));
        }
    }
    for coupon in &shop.user_coupons {
        let Some(holding) = coupon.holding() else { continue };
        let claim = claims.remove(&UserCoupon::key(&holding.coupon_id, &holding.user_id));
        let agree = match (coupon, claim) {
            (UserCoupon::Reserved { order_id, .. }, Some(claim @ Claim::Reserved(_)))
            | (UserCoupon::Used { order_id, .. }, Some(claim @ Claim::Used(_))) => claim.order_id() == order_id,
            (UserCoupon::Issued(_), None) => true,
            _ => false,
        };
        if !agree {
            let Holding { coupon_id, user_id, .. } = holding;
            let says = format!("coupon {coupon_id} of customer {user_id} is not as the claim on it says");
            let mut items = vec![pk::<UserCoupon>(&UserCoupon::key(coupon_id, user_id))];
            items.extend(claim.map(|claim| pk::<Claim>(claim.order_id().as_str())));
            found.push(Violation::new(says, items));
        }
    }
    found.extend(claims.values().map(|claim| {
        let order = claim.order_id().as_str();
        Violation::of::<Claim>(order, format!("order {order} has a coupon that nobody holds"))
    }));
    found
}

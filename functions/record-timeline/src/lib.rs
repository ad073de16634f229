//! Whenever anything happens to an order, write it down in the order's timeline.

use whenever::item::{Item, PK, SK};
use whenever::{Envelope, Projection};

/// The projection.
#[must_use]
pub fn function() -> Projection {
    Projection::named("record-timeline", "timeline", entry)
}

/// One item per event, sorted by time within its order.
fn entry(event: Envelope) -> Item {
    let mut item = Item::new();
    item.insert(PK.to_owned(), event.correlationid.as_str().into());
    item.insert(SK.to_owned(), format!("{}#{}", event.time, event.id).into());
    item.insert("event".to_owned(), event.into_object().into());
    item
}

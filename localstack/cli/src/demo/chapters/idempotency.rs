//! "Event pub/sub", the fourth exercise: what comes twice has its effect once.

use super::{PLACED, SHORT};
use crate::demo::scene::Step::{Again, Ends, Make, Order, Settled, Shows};
use crate::demo::scene::{Chapter, Ending, Scene};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "idempotency",
    title: "what is delivered twice has its effect once",
    scenes: &[
        Scene {
            title: "A provisional order is approved",
            shows: "PENDING until every step has done its part.",
            steps: &[
                Make("tv", "POST /inventories productName=TV stock=100"),
                Make("radio", "POST /inventories productName=RADIO stock=100"),
                Order("tvs", "POST /orders customerId=1 productId={tv} productName=TV qty=10"),
                Settled,
                Ends("tvs", PLACED),
                Shows("/inventories/{tv}", "stock:=90"),
            ],
        },
        Scene {
            title: "All of it again, three times",
            shows: "As after a rebalance: every policy gets events that it has handled, and nothing comes of it.",
            steps: &[
                Again("tvs", 3),
                Settled,
                Ends("tvs", PLACED),
                Shows("/deliveries/{tvs}", "status=STARTED"),
                Shows("/inventories/{tv}", "stock:=90"),
            ],
        },
        Scene {
            title: "More than the stock",
            shows: "The delivery is called back. Nothing was taken from stock, so nothing is given back.",
            steps: &[
                Order("radios", "POST /orders customerId=1 productId={radio} productName=TV qty=200"),
                Settled,
                Ends("radios", SHORT),
                Shows("/inventories/{radio}", "stock:=100"),
            ],
        },
        Scene {
            title: "The refusal again, three times",
            shows: "A compensation that has nothing to undo is no failure, however often it comes.",
            steps: &[Again("radios", 3), Settled, Ends("radios", SHORT), Shows("/inventories/{radio}", "stock:=100")],
        },
        Scene {
            title: "Nowhere to deliver",
            shows: "The first step fails, so the others never begin.",
            steps: &[
                Order("nowhere", "POST /orders customerId=1 productId={radio} qty=1 address=NOWHERE"),
                Settled,
                Ends("nowhere", Ending::rejected("DELIVERY", &["OrderCreated", "DeliveryFailed", "OrderRejected"])),
                Shows("/deliveries/{nowhere}", "status=FAILED"),
                Shows("/inventories/{radio}", "stock:=100"),
            ],
        },
    ],
};

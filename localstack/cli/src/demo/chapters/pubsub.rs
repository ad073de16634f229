//! "Event pub/sub", the first exercise: an order is published, the stock follows.

use super::{PLACED, SHORT};
use crate::demo::scene::Step::{Ends, Make, Order, Seen, Settled, Shows, Stop, Wake};
use crate::demo::scene::{Chapter, Scene};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "pubsub",
    title: "an order is published, the stock follows",
    scenes: &[
        Scene {
            title: "Ordered before there is any stock",
            shows: "The order is accepted first; that nobody has such a product is found out later.",
            steps: &[
                Order("order", "POST /orders productId=1 qty=3 customerId=hong productName=TV"),
                Settled,
                Ends("order", SHORT),
            ],
        },
        Scene {
            title: "The stock follows the order",
            shows: "The order knows nothing of stock; its event is enough.",
            steps: &[
                Make("tv", "POST /inventories id=1 stock=10"),
                Order("order", "POST /orders productId=1 qty=5"),
                Settled,
                Ends("order", PLACED),
                Shows("/inventories/1", "stock:=5"),
            ],
        },
        Scene {
            title: "The subscriber comes late",
            shows: "What was published while decrease-stock was down waits for it, and is processed once.",
            steps: &[
                Stop("decrease-stock"),
                Order("order", "POST /orders productId=1 qty=3 customerId=hong productName=TV"),
                Seen("order", "DeliveryStarted"),
                Shows("/inventories/1", "stock:=5"),
                Wake("decrease-stock"),
                Settled,
                Ends("order", PLACED),
                Shows("/inventories/1", "stock:=2"),
            ],
        },
    ],
};

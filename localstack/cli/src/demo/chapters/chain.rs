//! "Event pub/sub", the second exercise: order, delivery and product, each after the other.

use super::PLACED;
use crate::demo::scene::Step::{Ends, Make, Order, Settled, Shows};
use crate::demo::scene::{Chapter, Scene};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "chain",
    title: "order, delivery, stock: each policy follows another's event",
    scenes: &[
        Scene {
            title: "The whole chain",
            shows: "Delivery, stock and payment do their parts, none knows of the others, and the order is placed.",
            steps: &[
                Make("tv", "POST /inventories name=TV stock=10"),
                Order("yun", "POST /orders customerId=yun itemId={tv} qty=5 address=경기도"),
                Settled,
                Ends("yun", PLACED),
                Shows("/deliveries/{yun}", "status=STARTED customerId=yun address=경기도"),
                Shows("/inventories/{tv}", "stock:=5"),
            ],
        },
        Scene {
            title: "And once more",
            shows: "The delivery has everything that the order says, and exactly the stock is enough.",
            steps: &[
                Order("hong", "POST /orders customerId=hong itemId={tv} qty=5 address=서울"),
                Settled,
                Ends("hong", PLACED),
                Shows(
                    "/deliveries/{hong}",
                    r#"customerId=hong address=서울 items:=[{"productId":"{tv}","quantity":5}]"#,
                ),
                Shows("/inventories/{tv}", "stock:=0"),
            ],
        },
    ],
};

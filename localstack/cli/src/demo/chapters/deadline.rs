//! "Event pub/sub", the fifth exercise: an order that is not done in time is given up.

use crate::demo::scene::Step::{Ended, Ends, Make, Missing, Order, Settled, Shows, Sleep, Stop, Wake};
use crate::demo::scene::{Chapter, Ending, Scene};

/// The sweep found it first.
const LATE: Ending = Ending::rejected("DEADLINE", &["OrderCreated", "DeadlineReached", "OrderRejected"]);

pub(super) const CHAPTER: Chapter = Chapter {
    name: "deadline",
    title: "an order that is not done in time is given up",
    scenes: &[
        Scene {
            title: "Delivery sleeps past the deadline",
            shows: "The sweep rejects the order. start-delivery wakes, finds it expired, and starts nothing.",
            steps: &[
                Make("tv", "POST /inventories productName=TV stock=1000"),
                Make("radio", "POST /inventories productName=RADIO stock=1000"),
                Sleep("start-delivery"),
                Order("order", "POST /orders customerId=1 productId={tv} productName=TV qty=10"),
                Ended("order"),
                Shows("/orders/{order}", "status=REJECTED reason=DEADLINE"),
                Settled,
                Wake("start-delivery"),
                Ends("order", LATE),
                Missing("/deliveries/{order}"),
                Shows("/inventories/{tv}", "stock:=1000"),
            ],
        },
        Scene {
            title: "Delivery is down",
            shows: "Both orders are rejected in time; when start-delivery is up again it must not process either.",
            steps: &[
                Stop("start-delivery"),
                Order("tvs", "POST /orders customerId=1 productId={tv} productName=TV qty=10"),
                Order("radios", "POST /orders customerId=1 productId={radio} productName=RADIO qty=10"),
                Ended("tvs"),
                Ended("radios"),
                Wake("start-delivery"),
                Settled,
                Ends("tvs", LATE),
                Ends("radios", LATE),
                Missing("/deliveries/{tvs}"),
                Missing("/deliveries/{radios}"),
                Shows("/inventories/{tv}", "stock:=1000"),
                Shows("/inventories/{radio}", "stock:=1000"),
            ],
        },
    ],
};

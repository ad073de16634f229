//! "Event pub/sub", the third exercise: what cannot be done is undone.

use super::{PLACED, SHORT, UNDONE};
use crate::demo::scene::Step::{Ends, Make, Order, Send, Settled, Shows};
use crate::demo::scene::{Chapter, Scene};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "compensation",
    title: "what cannot be done, or is wanted no more, is undone",
    scenes: &[
        Scene {
            title: "Cancelled by the shop",
            shows: "One more than there are: the stock is not touched, the delivery is called back, the order says why.",
            steps: &[
                Make("tv", "POST /inventories productName=TV stock=10"),
                Order("order", "POST /orders customerId=1 productId={tv} qty=11"),
                Settled,
                Ends("order", SHORT),
                Shows("/deliveries/{order}", "status=CANCELLED"),
                Shows("/inventories/{tv}", "stock:=10"),
            ],
        },
        Scene {
            title: "Cancelled by the customer",
            shows: "A placed order is undone: delivery, stock and payment each give back what they have.",
            steps: &[
                Order("order", "POST /orders customerId=1 productId={tv} qty=3"),
                Settled,
                Shows("/inventories/{tv}", "stock:=7"),
                Send("DELETE /orders/{order}"),
                Settled,
                Ends("order", UNDONE),
                Shows("/deliveries/{order}", "status=CANCELLED"),
                Shows("/inventories/{tv}", "stock:=10"),
            ],
        },
        Scene {
            title: "Exactly the stock",
            shows: "As many as there are is enough.",
            steps: &[
                Order("order", "POST /orders customerId=1 productId={tv} qty=10"),
                Settled,
                Ends("order", PLACED),
                Shows("/inventories/{tv}", "stock:=0"),
            ],
        },
    ],
};

//! "Kafka event pipeline": what happens in the shop becomes numbers per product, and news for a data platform.

use super::{PLACED, UNDONE};
use crate::demo::scene::Step::{Again, Crowd, Ends, Make, Order, Send, Settled, Shows, Stop, Told, Until, Wake};
use crate::demo::scene::{Chapter, Scene};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "pipeline",
    title: "likes, views and sales become metrics; the data platform is told",
    scenes: &[
        Scene {
            title: "Counted per product",
            shows: "One likes it twice, one changes their mind; three look, and one buys three.",
            steps: &[
                Make("tv", "POST /inventories name=TV stock=10 price=1000"),
                Make("buyer", "POST /accounts balance=10000"),
                Shows("/products/{tv}/metrics", "likeCount:=0 viewCount:=0 salesCount:=0 orderCount:=0"),
                Send("POST /products/{tv}/likes userId=1"),
                Send("POST /products/{tv}/likes userId=1"),
                Send("POST /products/{tv}/likes userId=2"),
                Send("DELETE /products/{tv}/likes userId=2"),
                Crowd(3, "POST /products/{tv}/views"),
                Order("order", "POST /orders customerId={buyer} productId={tv} qty=3"),
                Settled,
                Ends("order", PLACED),
                Shows("/products/{tv}/metrics", "likeCount:=1 viewCount:=3 salesCount:=3 orderCount:=1"),
            ],
        },
        Scene {
            title: "The payment is delivered twice",
            shows: "The whole order comes again. Nobody is told twice, nothing is counted twice.",
            steps: &[
                Again("order", 1),
                Settled,
                Shows("/products/{tv}/metrics", "likeCount:=1 viewCount:=3 salesCount:=3 orderCount:=1"),
                Told("order", &["ORDER_CONFIRMED"]),
            ],
        },
        Scene {
            title: "The relay is down",
            shows: "The order's event waits in the order's own item; what needs no relay, such as a view, goes on.",
            steps: &[
                Stop("relay-outbox"),
                Order("late", "POST /orders customerId={buyer} productId={tv} qty=2"),
                Send("POST /products/{tv}/views"),
                Until("/products/{tv}/metrics", "viewCount:=4"),
                Shows("/orders/{late}", "status=PENDING"),
                Shows("/orders/{late}/events", "events:=[]"),
                Wake("relay-outbox"),
                Settled,
                Ends("late", PLACED),
                Shows("/products/{tv}/metrics", "salesCount:=5 orderCount:=2"),
            ],
        },
        Scene {
            title: "Cancelled",
            shows: "The sale is taken off the numbers again, and the platform is told of it too.",
            steps: &[
                Send("DELETE /orders/{late}"),
                Settled,
                Ends("late", UNDONE),
                Shows("/products/{tv}/metrics", "salesCount:=3 orderCount:=1"),
                Told("late", &["ORDER_CONFIRMED", "ORDER_CANCELLED"]),
            ],
        },
    ],
};

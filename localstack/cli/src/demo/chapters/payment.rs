//! "Real-time order info": items with prices, paid from a balance; the saga of `order.start`.

use super::{PLACED, SHORT, UNDONE};
use crate::demo::scene::Step::{Ends, Make, Order, Send, Settled, Shows};
use crate::demo::scene::{Chapter, Ending, Scene};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "payment",
    title: "items with prices are paid from a balance, or all comes back",
    scenes: &[
        Scene {
            title: "Two items, paid",
            shows: "Two at 3000 and one at 4000 leave 1 of 10001. The answer names the order, so its customer can find it.",
            steps: &[
                Make("camera", "POST /inventories id=101 name=CAMERA stock=3 price=3000"),
                Make("lens", "POST /inventories id=202 name=LENS stock=1 price=4000"),
                Make("account", "POST /accounts userId=1234 balance=10001"),
                Order(
                    "order",
                    r#"POST /api/orders userId:=1234 items:=[{"productId":101,"quantity":2},{"productId":202,"quantity":1}]"#,
                ),
                Settled,
                Ends("order", PLACED),
                Shows("/orders/{order}", "total:=10000"),
                Shows("/inventories/101", "stock:=1"),
                Shows("/inventories/202", "stock:=0"),
                Shows("/accounts/1234", "balance:=1"),
            ],
        },
        Scene {
            title: "Cancelled and refunded",
            shows: "The customer gets back exactly what was paid, the shop exactly what was taken.",
            steps: &[
                Send("DELETE /orders/{order}"),
                Settled,
                Ends("order", UNDONE),
                Shows("/inventories/101", "stock:=3"),
                Shows("/inventories/202", "stock:=1"),
                Shows("/accounts/1234", "balance:=10001"),
            ],
        },
        Scene {
            title: "Too little on the account",
            shows: "The stock was taken before the payment failed: exactly that comes back.",
            steps: &[
                Make("piano", "POST /inventories name=PIANO stock=10 price=10000"),
                Order("order", r#"POST /api/orders userId:=1234 items:=[{"productId":{piano},"quantity":2}]"#),
                Settled,
                Ends(
                    "order",
                    Ending::rejected(
                        "PAYMENT",
                        &[
                            "OrderCreated",
                            "DeliveryStarted",
                            "StockDecreased",
                            "PaymentFailed",
                            "OrderRejected",
                            "DeliveryCancelled",
                            "StockIncreased",
                        ],
                    ),
                ),
                Shows("/inventories/{piano}", "stock:=10"),
                Shows("/accounts/1234", "balance:=10001"),
            ],
        },
        Scene {
            title: "The second item is short",
            shows: "All lines or none: the first item is not taken either, and the order says why instead of vanishing.",
            steps: &[
                Make("strings", "POST /inventories name=STRINGS stock=100 price=10"),
                Make("stool", "POST /inventories name=STOOL stock=5 price=10"),
                Order(
                    "order",
                    r#"POST /api/orders userId:=1234 items:=[{"productId":{strings},"quantity":10},{"productId":{stool},"quantity":10}]"#,
                ),
                Settled,
                Ends("order", SHORT),
                Shows("/inventories/{strings}", "stock:=100"),
                Shows("/inventories/{stool}", "stock:=5"),
                Shows("/accounts/1234", "balance:=10001"),
            ],
        },
    ],
};

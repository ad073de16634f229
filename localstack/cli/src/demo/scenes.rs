//! The tutorials' orders, in an order in which each finds what it needs.

use shop::order::Status;

use super::scene::Step::{Cancel, Ended, Given, Holds, NoDelivery, Order, Settled, Stop, Wake};
use super::scene::{Ending, Scene};

const PLACED: &[&str] = &["OrderCreated", "DeliveryStarted", "StockDecreased", "PaymentCompleted", "OrderPlaced"];

const SHORT: &[&str] =
    &["OrderCreated", "DeliveryStarted", "StockDecreaseFailed", "OrderRejected", "DeliveryCancelled"];

/// What the demo plays.
pub(super) const SCENES: &[Scene] = &[
    Scene {
        title: "Ordered before there is any stock",
        shows: "The order is accepted first; that nobody has such a product is found out later.",
        steps: &[Order("POST /orders productId=1 qty=3 customerId=hong productName=TV"), Settled],
        ending: rejected("INVENTORY", SHORT),
    },
    Scene {
        title: "The whole chain",
        shows: "Delivery, stock and payment do their parts, none knows of the others, and the order is placed.",
        steps: &[
            Given("POST /inventories name=TV stock=10"),
            Order("POST /orders customerId=yun itemId=1 qty=5 address=경기도"),
            Settled,
            Holds("/inventories/1", "stock", 5),
        ],
        ending: PLACES,
    },
    Scene {
        title: "Exactly the stock",
        shows: "As many as there are is enough.",
        steps: &[
            Order("POST /orders customerId=hong itemId=1 qty=5 address=서울"),
            Settled,
            Holds("/inventories/1", "stock", 0),
        ],
        ending: PLACES,
    },
    Scene {
        title: "More than the stock",
        shows: "The delivery is called back. Nothing was taken from stock, so nothing is given back.",
        steps: &[
            Given("POST /inventories productName=RADIO stock=100"),
            Order("POST /orders customerId=1 productId=2 productName=RADIO qty=200"),
            Settled,
            Holds("/inventories/2", "stock", 100),
        ],
        ending: rejected("INVENTORY", SHORT),
    },
    Scene {
        title: "Nowhere to deliver",
        shows: "The first step fails, so the others never begin.",
        steps: &[
            Order("POST /orders customerId=1 productId=2 qty=1 address=NOWHERE"),
            Settled,
            Holds("/inventories/2", "stock", 100),
        ],
        ending: rejected("DELIVERY", &["OrderCreated", "DeliveryFailed", "OrderRejected"]),
    },
    Scene {
        title: "Paid from the balance",
        shows: "Two at 3000 each leave 4001 of 10001.",
        steps: &[
            Given("POST /inventories id=3 name=CAMERA stock=3 price=3000"),
            Given("POST /accounts userId=1 balance=10001"),
            Order(r#"POST /api/orders userId:=1 items:=[{"productId":3,"quantity":2}]"#),
            Settled,
            Holds("/inventories/3", "stock", 1),
            Holds("/accounts/1", "balance", 4001),
        ],
        ending: PLACES,
    },
    Scene {
        title: "Too little on the account",
        shows: "The stock was taken before the payment failed: exactly that comes back.",
        steps: &[
            Given("POST /inventories id=10 name=PIANO stock=10 price=10000"),
            Given("POST /accounts userId=2 balance=10001"),
            Order(r#"POST /api/orders userId:=2 items:=[{"productId":10,"quantity":2}]"#),
            Settled,
            Holds("/inventories/10", "stock", 10),
            Holds("/accounts/2", "balance", 10001),
        ],
        ending: rejected(
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
    },
    Scene {
        title: "Cancelled by the customer",
        shows: "A placed order is undone: delivery, stock and payment each give back what they have.",
        steps: &[
            Given("POST /inventories id=4 name=PHONE stock=10"),
            Order("POST /orders customerId=yun productId=4 qty=3"),
            Settled,
            Holds("/inventories/4", "stock", 7),
            Cancel,
            Settled,
            Holds("/inventories/4", "stock", 10),
        ],
        ending: Ending {
            status: Status::Cancelled,
            reason: Some("CUSTOMER"),
            chain: &[
                "OrderCreated",
                "DeliveryStarted",
                "StockDecreased",
                "PaymentCompleted",
                "OrderPlaced",
                "OrderCancelled",
                "DeliveryCancelled",
                "StockIncreased",
            ],
            meanwhile: &["PaymentRefunded"],
        },
    },
    Scene {
        title: "Delivery is down, and the deadline passes",
        shows: "The sweep rejects the order. When start-delivery is up again it finds the order expired, and does nothing.",
        steps: &[
            Stop("start-delivery"),
            Order("POST /orders customerId=1 productId=2 productName=RADIO qty=10"),
            Ended,
            Wake("start-delivery"),
            Settled,
            NoDelivery,
            Holds("/inventories/2", "stock", 100),
        ],
        ending: rejected("DEADLINE", &["OrderCreated", "DeadlineReached", "OrderRejected"]),
    },
];

const PLACES: Ending = Ending { status: Status::Placed, reason: None, chain: PLACED, meanwhile: &[] };

const fn rejected(reason: &'static str, chain: &'static [&'static str]) -> Ending {
    Ending { status: Status::Rejected, reason: Some(reason), chain, meanwhile: &[] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::typed::Typed;

    #[test]
    fn every_scene_places_one_order_and_every_request_can_be_typed() {
        for scene in SCENES {
            let mut orders = 0;
            for step in scene.steps {
                if let Order(text) | Given(text) = step {
                    assert!(Typed::parse(text).is_ok(), "{text}");
                }
                orders += usize::from(matches!(step, Order(_)));
            }
            assert_eq!(orders, 1, "{}", scene.title);
        }
    }

    #[test]
    fn every_event_named_is_one_of_the_shop() {
        let known: Vec<_> = shop::catalog().iter().map(|entry| entry.event_type).collect();
        for event in SCENES.iter().flat_map(|scene| scene.ending.chain.iter().chain(scene.ending.meanwhile)) {
            assert!(known.contains(event), "{event}");
        }
    }
}

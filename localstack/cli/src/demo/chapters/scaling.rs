//! "Kafka scaling & concurrency": two partitions, and what belongs to one order stays in order.

use crate::demo::scene::Step::{Ends, Make, Order, Seen, Send, Settled, Shows, Sleep, Wake};
use crate::demo::scene::{Chapter, Ending, Scene};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "scaling",
    title: "two partitions: a cancelled delivery never looks alive",
    scenes: &[
        Scene {
            title: "Modified, then cancelled",
            shows: "KIM moves to SEOUL, then wants nothing any more. PARK is not concerned.",
            steps: &[
                Make("goods", "POST /inventories id=100 name=TV stock=100"),
                Order("park", "POST /orders customerId=1000 productId=100 productName=TV qty=3 address=SEOUL"),
                Order("kim", "POST /orders customerId=2000 productId=100 productName=RADIO qty=3 address=PUSAN"),
                Settled,
                Send("PATCH /orders/{kim} address=SEOUL"),
                Settled,
                Shows("/deliveries/{kim}", "status=MODIFIED address=SEOUL"),
                Send("DELETE /orders/{kim}"),
                Settled,
                Ends(
                    "kim",
                    Ending::cancelled(
                        &[
                            "OrderCreated",
                            "DeliveryStarted",
                            "StockDecreased",
                            "PaymentCompleted",
                            "OrderPlaced",
                            "OrderModified",
                            "DeliveryModified",
                            "OrderCancelled",
                            "DeliveryCancelled",
                            "StockIncreased",
                        ],
                        &["PaymentRefunded"],
                    ),
                ),
                Shows("/deliveries/{kim}", "status=CANCELLED address=SEOUL"),
                Shows("/deliveries/{park}", "status=STARTED address=SEOUL"),
                Shows("/inventories/100", "stock:=97"),
            ],
        },
        Scene {
            title: "The cancellation overtakes the modification",
            shows: "modify-delivery sleeps, cancel-delivery does not. What comes too late finds it cancelled, and leaves it so.",
            steps: &[
                Order("kim", "POST /orders customerId=2000 productId=100 productName=RADIO qty=3 address=PUSAN"),
                Settled,
                Sleep("modify-delivery"),
                Send("PATCH /orders/{kim} address=SEOUL"),
                Send("DELETE /orders/{kim}"),
                Seen("kim", "DeliveryCancelled"),
                Settled,
                Wake("modify-delivery"),
                Ends(
                    "kim",
                    Ending::cancelled(
                        &[
                            "OrderCreated",
                            "DeliveryStarted",
                            "StockDecreased",
                            "PaymentCompleted",
                            "OrderPlaced",
                            "OrderModified",
                            "OrderCancelled",
                            "DeliveryCancelled",
                            "StockIncreased",
                        ],
                        &["PaymentRefunded"],
                    ),
                ),
                Shows("/deliveries/{kim}", "status=CANCELLED address=PUSAN"),
                Shows("/inventories/100", "stock:=97"),
            ],
        },
    ],
};

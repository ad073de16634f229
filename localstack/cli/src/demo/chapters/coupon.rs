//! "Order info to data platform" and "first-come coupon".

use super::PLACED;
use crate::demo::scene::Step::{Crowd, Ended, Ends, Holders, Make, Order, Send, Settled, Shows, Told};
use crate::demo::scene::{Chapter, Ending, Scene};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "coupon",
    title: "first come, first served; and a slow data platform slows nobody",
    scenes: &[
        Scene {
            title: "Two coupons, three users",
            shows: "Each request is answered at once with nothing; in the order of arrival it is then granted or refused.",
            steps: &[
                Make("coupon", "POST /coupons quantity=2"),
                Send("POST /api/v1/coupon/request-issue userId=1 couponId={coupon}"),
                Send("POST /api/v1/coupon/request-issue userId=2 couponId={coupon}"),
                Send("POST /api/v1/coupon/request-issue userId=3 couponId={coupon}"),
                Settled,
                Holders("coupon", 2),
                Shows("/coupons/{coupon}", "issued:=2 remaining:=0"),
                Shows("/coupons/{coupon}/users/1", "status=ISSUED"),
                Shows("/coupons/{coupon}/users/2", "status=ISSUED"),
                Shows("/coupons/{coupon}/users/3", "status=REFUSED reason=SOLD_OUT"),
            ],
        },
        Scene {
            title: "Ten coupons, a hundred users at once",
            shows: "Never more than there are, and none is left over.",
            steps: &[
                Make("rush", "POST /coupons quantity=10"),
                Crowd(100, "POST /api/v1/coupon/request-issue userId={n} couponId={rush}"),
                Settled,
                Holders("rush", 10),
                Shows("/coupons/{rush}", "issued:=10 remaining:=0"),
            ],
        },
        Scene {
            title: "One asks four times",
            shows: "One coupon per user, however often and however much at once they ask.",
            steps: &[
                Make("ample", "POST /coupons quantity=100"),
                Crowd(3, "POST /api/v1/coupon/request-issue userId=1 couponId={ample}"),
                Settled,
                Send("POST /api/v1/coupon/request-issue userId=1 couponId={ample}"),
                Settled,
                Shows("/coupons/{ample}", "issued:=1 remaining:=99"),
            ],
        },
        Scene {
            title: "The coupon pays a part",
            shows: "It is reserved between stock and payment, and used once the order is placed.",
            steps: &[
                Make("gift", "POST /coupons quantity=1 discount=1000"),
                Make("buyer", "POST /accounts balance=5000"),
                Make("tv", "POST /inventories name=TV stock=10 price=3000"),
                Send("POST /api/v1/coupon/request-issue userId={buyer} couponId={gift}"),
                Settled,
                Order("paid", "POST /orders customerId={buyer} productId={tv} qty=2 couponId={gift}"),
                Settled,
                Ends(
                    "paid",
                    Ending::placed(&[
                        "OrderCreated",
                        "DeliveryStarted",
                        "StockDecreased",
                        "CouponReserved",
                        "PaymentCompleted",
                        "OrderPlaced",
                    ]),
                ),
                Shows("/coupons/{gift}/users/{buyer}", "status=USED"),
                Shows("/accounts/{buyer}", "balance:=0"),
                Told("paid", &["ORDER_CONFIRMED"]),
            ],
        },
        Scene {
            title: "Cancelled, and the coupon is as good as new",
            shows: "What was paid comes back, and not a bit more.",
            steps: &[
                Send("DELETE /orders/{paid}"),
                Settled,
                Ends(
                    "paid",
                    Ending::cancelled(
                        &[
                            "OrderCreated",
                            "DeliveryStarted",
                            "StockDecreased",
                            "CouponReserved",
                            "PaymentCompleted",
                            "OrderPlaced",
                            "OrderCancelled",
                            "DeliveryCancelled",
                            "StockIncreased",
                        ],
                        &["CouponReleased", "PaymentRefunded"],
                    ),
                ),
                Shows("/coupons/{gift}/users/{buyer}", "status=ISSUED"),
                Shows("/accounts/{buyer}", "balance:=5000"),
                Told("paid", &["ORDER_CONFIRMED", "ORDER_CANCELLED"]),
            ],
        },
        Scene {
            title: "The data platform takes three seconds",
            shows: "The order is placed long before the platform has answered, and the message arrives once.",
            steps: &[
                Send("PUT /_local/platform/fault delayMs:=3000"),
                Make("radio", "POST /inventories name=RADIO stock=10"),
                Order("order", "POST /orders customerId=1 productId={radio} qty=1"),
                Ended("order"),
                Shows("/orders/{order}", "status=PLACED"),
                Settled,
                Ends("order", PLACED),
                Told("order", &["ORDER_CONFIRMED"]),
                Send("DELETE /_local/platform/fault"),
            ],
        },
    ],
};

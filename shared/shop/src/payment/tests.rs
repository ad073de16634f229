//! Money that is taken, given back and paid in.

use std::time::Duration;

use serde_json::json;
use whenever::kit::{Scenario, given, received};
use whenever::{Envelope, Received, Refusal};

use super::{Account, Payment, PaymentRefunded, charge, open, refund, take, view};
use crate::inventory::StockDecreased;
use crate::order::{OrderRejected, Reason};
use crate::saga_tests::lines;
use crate::values::Money;

fn money(amount: i64) -> Money {
    Money::given(amount).unwrap()
}

fn bank(balance: i64) -> Scenario {
    let mut bank = given();
    assert_eq!(bank.when(open(1.into(), money(balance))).outcome, Ok(()));
    bank
}

fn decreased(bank: &Scenario, order: u64, customer: u64, total: i64) -> Received<StockDecreased> {
    let data = StockDecreased {
        order_id: order.into(),
        customer_id: customer.into(),
        items: lines(&[(1, 1)]),
        coupon_id: None,
        total: money(total),
        due_at: bank.now().plus(Duration::from_secs(5)),
    };
    received(bank.now(), data)
}

fn rejected(bank: &Scenario, order: u64, customer: u64) -> Received<OrderRejected> {
    let data = OrderRejected {
        order_id: order.into(),
        customer_id: customer.into(),
        coupon_id: None,
        reason: Reason::Deadline,
        message: String::new(),
    };
    received(bank.now(), data)
}

fn balance(bank: &Scenario) -> (i64, i64) {
    let account = bank.state::<Account>("1").unwrap();
    (account.balance.value(), account.deposited.value())
}

#[test]
fn a_balance_that_equals_the_price_is_enough() {
    let mut bank = bank(6_000);
    assert_eq!(bank.when(take(&decreased(&bank, 1, 1, 6_000))).types(), ["PaymentCompleted"]);
    let then = bank.when(take(&decreased(&bank, 2, 1, 1)));
    assert_eq!(then.types(), ["PaymentFailed"]);
    assert_eq!(then.events[0].data["message"], "insufficient balance: 1 to pay, 0 there");
    assert_eq!(balance(&bank), (0, 6_000));
}

#[test]
fn c_085_nothing_to_pay_needs_no_account_and_an_unknown_customer_cannot_pay() {
    let mut bank = given();
    assert_eq!(bank.when(take(&decreased(&bank, 1, 9, 0))).types(), ["PaymentCompleted"]);
    assert_eq!(bank.when(refund(&rejected(&bank, 1, 9))).types(), ["PaymentRefunded"]);
    let unknown = bank.when(take(&decreased(&bank, 2, 9, 1)));
    assert_eq!(unknown.types(), ["PaymentFailed"]);
    assert_eq!(unknown.events[0].data["message"], "customer 9 has no account");
    assert_eq!(unknown.events[0].data["reason"], "PAYMENT");
}

#[test]
fn c_085_an_amount_that_is_null_or_negative_cannot_be_read() {
    for total in [json!(null), json!(-1), json!("1"), json!(0.5)] {
        let mut event: Envelope = serde_json::from_value(json!({
            "specversion": "1.0", "id": "1", "source": "/reservation", "type": "StockDecreased", "subject": "1",
            "time": "2026-01-01T00:00:00.000Z", "datacontenttype": "application/json", "dataschema": "StockDecreased/1",
            "partitionkey": "1", "correlationid": "1", "causationid": "0",
            "data": {
                "orderId": "1", "customerId": "1", "items": [{"productId": "1", "quantity": 1}], "total": 0,
                "dueAt": "2026-01-01T00:00:05.000Z",
            },
        }))
        .unwrap();
        assert!(event.data::<StockDecreased>().is_ok());
        event.data.insert("total".to_owned(), total);
        assert!(event.data::<StockDecreased>().is_err(), "{event:?}");
    }
}

#[test]
fn what_is_given_back_is_what_was_taken_once() {
    let mut bank = bank(10_000);
    bank.when(take(&decreased(&bank, 1, 1, 6_000)));
    let event = rejected(&bank, 1, 1);
    let refunded = bank.when(refund(&event)).event::<PaymentRefunded>();
    assert_eq!(refunded.bill.payable(), money(6_000));
    assert!(bank.when(refund(&event)).events.is_empty());
    assert!(bank.when(take(&decreased(&bank, 1, 1, 6_000))).events.is_empty());
    assert_eq!(balance(&bank), (10_000, 10_000));
}

#[test]
fn a_refused_payment_has_nothing_to_give_back() {
    let mut bank = bank(1);
    bank.when(take(&decreased(&bank, 1, 1, 2)));
    assert!(bank.when(refund(&rejected(&bank, 1, 1))).events.is_empty());
    assert!(matches!(bank.state("1"), Some(Payment::Refused { .. })));
}

#[test]
fn a_refund_may_lift_a_balance_above_what_may_be_paid_in() {
    let mut bank = bank(Money::MOST_GIVEN);
    bank.when(take(&decreased(&bank, 1, 1, 100)));
    assert_eq!(bank.when(charge(&1.into(), money(100))).outcome, Ok(()));
    assert!(matches!(bank.when(charge(&1.into(), money(1))).outcome, Err(Refusal::Forbidden(_))));
    assert_eq!(bank.when(refund(&rejected(&bank, 1, 1))).types(), ["PaymentRefunded"]);
    assert_eq!(balance(&bank), (Money::MOST_GIVEN + 100, Money::MOST_GIVEN + 100));
}

#[test]
fn an_account_is_opened_once_and_charged_only_if_it_is_there() {
    let mut bank = bank(5);
    assert!(matches!(bank.when(open(1.into(), money(9))).outcome, Err(Refusal::Taken(_))));
    assert!(matches!(bank.when(charge(&2.into(), money(9))).outcome, Err(Refusal::Missing(_))));
    assert_eq!(bank.when(charge(&1.into(), money(9))).outcome, Ok(()));
    let shown = serde_json::to_value(view(bank.state("1").unwrap())).unwrap();
    assert_eq!(shown, json!({"id": "1", "balance": 14}));
}

#[test]
fn a_stored_payment_reads_back_in_every_state() {
    let mut bank = bank(10);
    bank.when(take(&decreased(&bank, 1, 1, 4)));
    bank.when(take(&decreased(&bank, 2, 1, 40)));
    bank.when(take(&decreased(&bank, 3, 1, 4)));
    bank.when(refund(&rejected(&bank, 3, 1)));
    bank.when(refund(&rejected(&bank, 4, 1)));
    for order in ["1", "2", "3", "4"] {
        let payment = bank.state::<Payment>(order).unwrap();
        let text = serde_json::to_string(payment).unwrap();
        assert_eq!(&serde_json::from_str::<Payment>(&text).unwrap(), payment);
    }
}

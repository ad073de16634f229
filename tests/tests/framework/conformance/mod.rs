//! What the framework relies on in a table store, check by check, through the same client that functions use. Runs on the
//! embedded store, and on the one of `AWS_ENDPOINT_URL_DYNAMODB` if there is one:
//!
//! ```sh
//! AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:4566 cargo test --workspace --test framework conformance -- --nocapture
//! ```

mod capacity;
mod reads;
mod streams;
mod subject;
mod transactions;
mod writes;

use localstack::store::Embedded;
use shop_tests::table_store;
use whenever::ports::Pending;

use subject::Subject;

/// What a check saw that it should not have seen.
type Verdict = Result<(), String>;

/// One promise of a store, and how to find out.
type Check = (&'static str, for<'a> fn(&'a Subject) -> Pending<'a, Verdict>);

/// Each check in the words of what is promised.
const CHECKS: &[Check] = &[
    ("a first write happens once, whoever is first", |s| Box::pin(writes::first(s))),
    ("a condition that fails brings the item whole", |s| Box::pin(writes::old_item(s))),
    ("a version is written by one of many at a time", |s| Box::pin(writes::version(s))),
    ("a version of nothing is a failed condition, of nothing", |s| Box::pin(writes::version_of_nothing(s))),
    ("a put replaces the whole item", |s| Box::pin(writes::whole(s))),
    ("an item that is too large is refused for good", |s| Box::pin(writes::too_large(s))),
    ("a missing table is trouble that may pass", |s| Box::pin(writes::missing_table(s))),
    ("a transaction is whole, or not at all", |s| Box::pin(transactions::whole(s))),
    ("a transaction says of each item why, and what it is", |s| Box::pin(transactions::reasons(s))),
    ("a transaction takes 100 items of several tables", |s| Box::pin(transactions::hundred(s))),
    ("a transaction of 101 items is refused whole", |s| Box::pin(transactions::too_many(s))),
    ("a transaction takes no item twice", |s| Box::pin(transactions::twice(s))),
    ("transactions at a time lose no write", |s| Box::pin(transactions::at_a_time(s))),
    ("a transaction deletes, and checks what it leaves", |s| Box::pin(transactions::deletes(s))),
    ("a client token counts once, and for one content", |s| Box::pin(transactions::token(s))),
    ("a read sees the write before it", |s| Box::pin(reads::consistent(s))),
    ("many keys are answered in their order, with gaps", |s| Box::pin(reads::many(s))),
    ("pages go through a partition once, in order", |s| Box::pin(reads::pages(s))),
    ("pages go backwards, and end before a sort key", |s| Box::pin(reads::backwards(s))),
    ("a scan finds every item once, and of one kind", |s| Box::pin(reads::scan(s))),
    ("a sparse index holds what has its keys, while it has", |s| Box::pin(reads::sparse(s))),
    ("an index of keys projects keys, sorted", |s| Box::pin(reads::projected(s))),
    ("puts without conditions all happen", |s| Box::pin(reads::batch(s))),
    ("a stream shows each write once, in order per item", |s| Box::pin(streams::once(s))),
    ("a stream does not show what did not happen", |s| Box::pin(streams::refused(s))),
    ("a stream goes on behind a sequence number", |s| Box::pin(streams::resumed(s))),
    ("the time to live is kept as set", |s| Box::pin(streams::time_to_live(s))),
    ("tables that are there are left as they are", |s| Box::pin(streams::again(s))),
];

/// What no effect rests on, only what is said of its price.
const ACCOUNTS: &[Check] = &[
    ("write units are as DynamoDB bills them", |s| Box::pin(capacity::writes(s))),
    ("read units are as DynamoDB bills them", |s| Box::pin(capacity::reads(s))),
];

#[tokio::test]
async fn conformance_of_the_embedded_store() {
    let store = Embedded::start(0).await.unwrap();
    let differs = all(store.endpoint()).await;
    assert_eq!(differs, [""; 0], "the embedded store differs; what it does instead is above");
}

#[tokio::test]
async fn conformance_of_a_given_store() {
    let Some(endpoint) = table_store::wanted_by("conformance_of_a_given_store") else { return };
    let mut differs = all(&endpoint).await;
    differs.retain(|promise| CHECKS.iter().any(|(relied_on, _)| relied_on == promise));
    assert_eq!(differs, [""; 0], "{endpoint} differs; what it does instead is above");
}

/// Runs every check, prints what came of each, and answers the promises that are not kept.
async fn all(endpoint: &str) -> Vec<&'static str> {
    let subject = Subject::at(endpoint).await;
    let mut report = format!("the table store at {endpoint}\n");
    let mut differs = Vec::new();
    for (promise, check) in CHECKS.iter().chain(ACCOUNTS) {
        match check(&subject).await {
            Ok(()) => report.push_str(&format!("  kept     {promise}\n")),
            Err(what) => {
                report.push_str(&format!("  differs  {promise}: {what}\n"));
                differs.push(*promise);
            }
        }
    }
    subject.leave().await;
    eprint!("{report}");
    differs
}

/// Whether what was seen is as promised.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, seen: T, promised: T) -> Verdict {
    if seen == promised { Ok(()) } else { Err(format!("{what}: {seen:?}, not {promised:?}")) }
}

#[test]
fn a_difference_is_named() {
    assert_eq!(same("how many won", 2, 1), Err("how many won: 2, not 1".to_owned()));
    assert_eq!(same("how many won", 1, 1), Ok(()));
}

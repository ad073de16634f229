//! Webhooks to an outside system that answers as it is told: what is sent once, what again, and what never.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use whenever::item::Item;
use whenever::ports::outside::{CallError, Request, Response};
use whenever::ports::store::ItemKey;
use whenever::ports::{Outside, Pending};
use whenever::{Outcome, Received, Record, Refusal, Webhook};

use crate::kitchen::DoorOpened;
use crate::stand::{Fault, Stand, outcomes, raw, record};

/// Status and body.
type Answer = Result<(u16, &'static str), CallError>;
type Judge = Box<dyn Fn(&Request) -> Answer + Send>;

/// Keeps what it hears.
struct Neighbour {
    judge: Mutex<Judge>,
    takes: Duration,
    heard: Mutex<Vec<Request>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl Neighbour {
    fn answering(judge: impl Fn(&Request) -> Answer + Send + 'static) -> Arc<Self> {
        Self::taking(Duration::ZERO, judge)
    }

    fn taking(takes: Duration, judge: impl Fn(&Request) -> Answer + Send + 'static) -> Arc<Self> {
        Arc::new(Neighbour {
            judge: Mutex::new(Box::new(judge)),
            takes,
            heard: Mutex::default(),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
        })
    }

    fn now_answering(&self, judge: impl Fn(&Request) -> Answer + Send + 'static) {
        *self.judge.lock().unwrap() = Box::new(judge);
    }

    /// Keys of what was heard, in order.
    fn keys(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|request| request.idempotency_key.clone()).collect()
    }
}

impl Outside for Neighbour {
    fn post(&self, request: Request, within: Duration) -> Pending<'_, Result<Response, CallError>> {
        Box::pin(async move {
            let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_under_way.fetch_max(under_way, Ordering::SeqCst);
            self.heard.lock().unwrap().push(request.clone());
            tokio::time::sleep(self.takes.min(within)).await;
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            if self.takes > within {
                return Err(CallError::Unavailable("no answer in time".to_owned()));
            }
            let (status, body) = (self.judge.lock().unwrap())(&request)?;
            Ok(Response { status, body: body.as_bytes().to_vec() })
        })
    }
}

fn webhook(neighbour: &Arc<Neighbour>) -> Webhook {
    let outside = Arc::clone(neighbour) as Arc<dyn Outside>;
    Webhook::named("tell-neighbour", "kitchen", outside).whenever(|event: &Received<DoorOpened>| match &*event.door {
        "secret" => Ok(None),
        "broken" => Err(Refusal::Broken("a door that cannot be told of".to_owned())),
        door => Ok(Some(json!({ "opened": door }))),
    })
}

fn opened(id: &str, door: &str) -> Record {
    record(id, "DoorOpened", door, json!({ "door": door }))
}

async fn deliver(stand: &Stand, webhook: &Webhook, records: &[Record]) -> Vec<Outcome> {
    outcomes(webhook.run(records, &stand.invocation(Duration::from_secs(10))).await)
}

async fn marker(stand: &Stand, event: &str) -> Option<Item> {
    let key = ItemKey { table: "kitchen", pk: format!("handled#tell-neighbour#{event}") };
    stand.platform.store.load(&[key]).await.unwrap().remove(0)
}

fn failed(outcomes: &[Outcome]) -> Vec<bool> {
    outcomes.iter().map(|outcome| matches!(outcome, Outcome::Failed(_))).collect()
}

#[tokio::test]
async fn c_129_what_was_taken_is_not_sent_again_not_even_by_another_process() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::answering(|_| Ok((200, "true")));
    let first = webhook(&neighbour);
    let batch = [opened("a", "front"), opened("b", "back"), opened("a", "front")];
    assert_eq!(deliver(&stand, &first, &batch).await, vec![Outcome::Done; 3]);
    assert_eq!(deliver(&stand, &first, &batch).await, vec![Outcome::Done; 3]);
    assert_eq!(deliver(&stand, &webhook(&neighbour), &batch).await, vec![Outcome::Done; 3]);
    assert_eq!(neighbour.keys(), ["a", "b"]);
    let heard = neighbour.heard.lock().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&heard[0].body).unwrap(), json!({ "opened": "front" }));
}

#[tokio::test]
async fn a_marker_is_kept_for_a_week() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::answering(|_| Ok((204, "")));
    deliver(&stand, &webhook(&neighbour), &[opened("a", "front")]).await;
    let marker = marker(&stand, "a").await.unwrap();
    let handled: whenever::Timestamp = marker["handledAt"].as_str().unwrap().parse().unwrap();
    let week = handled.plus(Duration::from_secs(7 * 24 * 3_600));
    assert_eq!(marker["expiresAt"], json!(week.millis() / 1_000));
}

#[tokio::test]
async fn what_may_heal_comes_again_and_holds_up_its_key_alone() {
    type Refuses = fn() -> Answer;
    let refusals: [(&str, Refuses); 4] = [
        ("500", || Ok((500, "out of order"))),
        ("429", || Ok((429, ""))),
        ("200: false", || Ok((200, "false"))),
        ("unreachable", || Err(CallError::Unavailable("unreachable".to_owned()))),
    ];
    for (reason, refusal) in refusals {
        let stand = Stand::new().await;
        let neighbour = Neighbour::answering(move |request| match request.idempotency_key.as_str() {
            "a" => refusal(),
            _ => Ok((200, "true")),
        });
        let webhook = webhook(&neighbour);
        let batch = [opened("a", "front"), opened("b", "front"), opened("c", "back")];
        let outcomes = deliver(&stand, &webhook, &batch).await;
        assert_eq!(failed(&outcomes), [true, true, false], "{outcomes:?}");
        assert!(matches!(&outcomes[0], Outcome::Failed(why) if why.contains(reason)), "{outcomes:?}");
        assert!(!neighbour.keys().contains(&"b".to_owned()), "it waits behind the first of its key");
        neighbour.now_answering(|_| Ok((200, "true")));
        assert_eq!(deliver(&stand, &webhook, &batch).await, vec![Outcome::Done; 3]);
        assert_eq!(neighbour.keys().iter().filter(|key| *key == "a").count(), 2);
        assert!(stand.dead_letters().await.is_empty());
    }
}

#[tokio::test]
async fn what_cannot_heal_is_parked_at_once_and_what_follows_goes_on() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::answering(|request| match request.idempotency_key.as_str() {
        "moved" => Ok((302, "")),
        "bad" => Ok((422, "no such order")),
        "garbage" => Err(CallError::Rejected("the answer is no HTTP".to_owned())),
        _ => Ok((200, "true")),
    });
    let batch = [opened("moved", "front"), opened("bad", "front"), opened("garbage", "front"), opened("d", "front")];
    let outcomes = deliver(&stand, &webhook(&neighbour), &batch).await;
    let [Outcome::Parked(moved), Outcome::Parked(bad), Outcome::Parked(garbage), Outcome::Done] = &outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert!(moved.contains("redirects are not followed"), "{moved}");
    assert!(bad.ends_with("422: no such order"), "{bad}");
    assert!(garbage.contains("no HTTP"), "{garbage}");
    let letters = stand.dead_letters().await;
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| letter["policy"] == "tell-neighbour" && letter["type"] == "DoorOpened"));
}

#[tokio::test]
async fn a_crash_between_answer_and_marker_repeats_the_call_with_its_key() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::answering(|_| Ok((200, "true")));
    stand.faults(|_| Some(Fault::Refused));
    let batch = [opened("a", "front"), opened("b", "front")];
    let handled = webhook(&neighbour).run(&batch, &stand.invocation(Duration::from_secs(2))).await;
    assert_eq!(failed(&outcomes(handled)), [true, true], "nothing is done before its marker is written");
    stand.faults(|_| None);
    assert_eq!(deliver(&stand, &webhook(&neighbour), &batch).await, vec![Outcome::Done; 2]);
    assert_eq!(deliver(&stand, &webhook(&neighbour), &batch).await, vec![Outcome::Done; 2]);
    assert_eq!(neighbour.keys(), ["a", "a", "b"]);
}

#[tokio::test]
async fn a_marker_whose_answer_is_lost_is_written_all_the_same() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::answering(|_| Ok((200, "true")));
    let lost = AtomicUsize::new(0);
    stand.faults(move |_| (lost.fetch_add(1, Ordering::SeqCst) == 0).then_some(Fault::AnswerLost));
    assert_eq!(deliver(&stand, &webhook(&neighbour), &[opened("a", "front")]).await, [Outcome::Done]);
    assert_eq!(neighbour.keys(), ["a"]);
}

#[tokio::test]
async fn no_call_outlasts_its_invocation_and_what_was_not_attempted_comes_again() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::taking(Duration::from_millis(100), |_| Ok((200, "true")));
    let batch: Vec<Record> = (0..20).map(|n| opened(&n.to_string(), "front")).collect();
    let hurried = webhook(&neighbour).answered_within(Duration::from_millis(200));
    let began = Instant::now();
    let handled = hurried.run(&batch, &stand.invocation(Duration::from_millis(500))).await;
    assert!(began.elapsed() < Duration::from_millis(700), "{:?}", began.elapsed());
    let failed = failed(&outcomes(handled));
    let done = failed.iter().filter(|failed| !**failed).count();
    assert!((1..=4).contains(&done), "{failed:?}");
    assert!(failed[..done].iter().all(|failed| !failed) && failed[done..].iter().all(|failed| *failed), "{failed:?}");
    assert_eq!(neighbour.keys().len(), done, "no call is begun that could not be given its time");
}

#[tokio::test]
async fn a_neighbour_that_never_answers_costs_no_more_than_its_time() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::taking(Duration::from_secs(60), |_| Ok((200, "true")));
    let hurried = webhook(&neighbour).answered_within(Duration::from_millis(50));
    let batch = [opened("a", "front"), opened("b", "back")];
    let began = Instant::now();
    assert_eq!(failed(&deliver(&stand, &hurried, &batch).await), [true, true]);
    assert!(began.elapsed() < Duration::from_secs(5));
    // An answer may take longer than the invocation lasts: then it has what is left of that.
    let patient = webhook(&neighbour).answered_within(Duration::from_secs(30));
    let handled = patient.run(&batch, &stand.invocation(Duration::from_millis(100))).await;
    assert_eq!(failed(&outcomes(handled)), [true, true]);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn keys_are_called_for_side_by_side_but_not_too_many() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::taking(Duration::from_millis(20), |_| Ok((200, "true")));
    let batch: Vec<Record> = (0..100).map(|n| opened(&n.to_string(), &format!("door-{n}"))).collect();
    assert_eq!(deliver(&stand, &webhook(&neighbour), &batch).await, vec![Outcome::Done; 100]);
    assert_eq!(neighbour.most_under_way.load(Ordering::SeqCst), 16);
}

#[tokio::test]
async fn what_is_not_to_be_told_is_not_and_what_cannot_be_is_parked() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::answering(|_| Ok((200, "true")));
    let batch = [
        opened("a", "secret"),
        opened("b", "broken"),
        opened("no header\n", "front"),
        opened(&"x".repeat(3_000), "front"),
        raw("front", b"no envelope"),
        record("c", "SunRose", "east", json!({})),
    ];
    let outcomes = deliver(&stand, &webhook(&neighbour), &batch).await;
    let [Outcome::Done, Outcome::Parked(broken), Outcome::Parked(_), Outcome::Parked(_), Outcome::Parked(_), last] =
        &outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!((broken.as_str(), last), ("broken invariant: a door that cannot be told of", &Outcome::Ignored));
    assert!(neighbour.keys().is_empty());
    assert_eq!(marker(&stand, "a").await, None);
}

#[tokio::test]
async fn a_sequenced_webhook_tells_nothing_before_what_came_before_it() {
    let stand = Stand::new().await;
    let neighbour = Neighbour::answering(|request| Ok((if request.idempotency_key == "a" { 400 } else { 200 }, "")));
    let at = |offset: i64, record: Record| Record { offset, ..record };
    let batch = [at(0, opened("a", "front")), at(1, opened("b", "front")), at(2, opened("c", "back"))];
    let sequenced = || webhook(&neighbour).sequenced();
    let outcomes = deliver(&stand, &sequenced(), &batch).await;
    assert!(matches!(&outcomes[1], Outcome::Parked(why) if why == "waits behind kitchen-events/0/0 of its key"));
    assert_eq!((outcomes[2].clone(), neighbour.keys()), (Outcome::Done, vec!["a".to_owned(), "c".to_owned()]));
    deliver(&stand, &sequenced(), &[at(3, opened("d", "front"))]).await;
    neighbour.now_answering(|_| Ok((200, "")));
    let letterbox = stand.letterbox();
    let letters = letterbox.letters(None).await.unwrap();
    for letter in &letters {
        let outcomes = deliver(&stand, &sequenced(), &[letterbox.record(letter).await.unwrap()]).await;
        assert_eq!(outcomes, [Outcome::Done]);
        letterbox.remove(letter, &letters).await.unwrap();
    }
    assert_eq!(neighbour.keys(), ["a", "c", "a", "b", "d"]);
    assert_eq!(deliver(&stand, &sequenced(), &[at(4, opened("e", "front"))]).await, [Outcome::Done]);
}

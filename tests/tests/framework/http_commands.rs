//! Commands over HTTP: the same `Idempotency-Key` has one effect and one answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use whenever::http::{Api, Call, Problem, Reply, Request};
use whenever::ports::{Clock, Pending};
use whenever::{Ask, SystemClock, Timestamp, World};

use crate::kitchen::{Bell, Jar};
use crate::stand::{Fault, Stand};

async fn ring(call: &Call) -> Result<Reply, Problem> {
    call.body()?;
    call.execute::<Bell>(Ask::<Bell>::existing("front", ()), rung).await
}

fn rung(world: &World) -> Reply {
    Reply::ok(&world.get::<Bell>("front"))
}

/// Taking from a jar that is not there is refused for good, as a broken invariant.
async fn take(call: &Call) -> Result<Reply, Problem> {
    call.execute::<Jar>(Ask::<Jar>::existing("none", ()), |_| Reply::ok(&"taken")).await
}

fn api() -> Api {
    Api::named("bells").on("POST /bell", ring).on("POST /jar", take)
}

fn call(stand: &Stand, route: &str, key: Option<&str>, body: &str) -> Call {
    let headers = key.map(|key| ("idempotency-key".to_owned(), key.to_owned()));
    let request = Request {
        route: route.to_owned(),
        headers: headers.into_iter().collect(),
        path: HashMap::new(),
        body: body.as_bytes().to_vec(),
        ..Request::default()
    };
    Call { request, invocation: stand.invocation(Duration::from_secs(10)) }
}

#[tokio::test]
async fn c_031_the_same_key_has_one_effect_and_one_answer() {
    let stand = Stand::new().await;
    let api = api();
    let calls: Vec<Call> = (0..10).map(|_| call(&stand, "POST /bell", Some("k"), r#"{"n":1}"#)).collect();
    let replies = join_all(calls.iter().map(|call| api.answer(call))).await;
    assert!(replies.iter().all(|reply| *reply == replies[0] && reply.status == 200), "{replies:?}");
    assert_eq!(stand.state::<Bell>("front").await, Some(Bell { rung: 1 }));

    let other = api.answer(&call(&stand, "POST /bell", Some("k"), r#"{"n":2}"#)).await;
    assert_eq!((other.status, other.content_type), (422, "application/problem+json"));
    let fresh = api.answer(&call(&stand, "POST /bell", Some("l"), r#"{"n":1}"#)).await;
    assert_eq!(fresh.body, r#"{"rung":2}"#);
    for _ in 0..2 {
        api.answer(&call(&stand, "POST /bell", None, r#"{"n":1}"#)).await;
    }
    assert_eq!(stand.state::<Bell>("front").await, Some(Bell { rung: 4 }), "without a key each call counts");
}

/// The system's clock, 25 hours on.
struct Tomorrow;

impl Clock for Tomorrow {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(Duration::from_secs(25 * 3600))
    }

    fn sleep(&self, time: Duration) -> Pending<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

#[tokio::test]
async fn a_key_whose_answer_is_over_but_not_deleted_yet_is_free_again() {
    let stand = Stand::new().await;
    let api = api();
    let tomorrow = || {
        let Call { request, mut invocation } = call(&stand, "POST /bell", Some("k"), r#"{"n":2}"#);
        invocation.platform.clock = Arc::new(Tomorrow);
        invocation.until = Tomorrow.now().plus(Duration::from_secs(10));
        Call { request, invocation }
    };
    assert_eq!(api.answer(&call(&stand, "POST /bell", Some("k"), r#"{"n":1}"#)).await.body, r#"{"rung":1}"#);
    let caused = stand.item::<Bell>("front").await.unwrap()["cause"].clone();
    for _ in 0..2 {
        let reply = api.answer(&tomorrow()).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"rung":2}"#));
    }
    assert_eq!(stand.state::<Bell>("front").await, Some(Bell { rung: 2 }));
    assert_ne!(stand.item::<Bell>("front").await.unwrap()["cause"], caused, "its events are others");
}

#[tokio::test]
async fn what_is_no_call_is_a_problem_and_changes_nothing() {
    let stand = Stand::new().await;
    let api = api();
    let long = "x".repeat(129);
    let large = "x".repeat(300_000);
    for (route, key, body, status) in [
        ("POST /bell", None, "[]", 400),
        ("POST /bell", Some(""), "{}", 400),
        ("POST /bell", Some(long.as_str()), "{}", 400),
        ("POST /bell", None, large.as_str(), 413),
        ("POST /drum", None, "{}", 404),
        ("POST /jar", Some("k"), "{}", 500),
    ] {
        let reply = api.answer(&call(&stand, route, key, body)).await;
        assert_eq!((reply.status, reply.content_type), (status, "application/problem+json"), "{route} {key:?}");
    }
    assert_eq!(stand.writes(), 0);
}

#[tokio::test]
async fn a_call_whose_answer_from_the_table_is_lost_has_one_effect_with_or_without_a_key() {
    for key in [None, Some("k")] {
        let stand = Stand::new().await;
        let lost = std::sync::atomic::AtomicBool::new(false);
        stand.faults(move |_| {
            let first = !lost.swap(true, std::sync::atomic::Ordering::SeqCst);
            first.then_some(crate::stand::Fault::AnswerLost)
        });
        let reply = api().answer(&call(&stand, "POST /bell", key, "{}")).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"rung":1}"#), "{key:?}");
        assert_eq!(stand.state::<Bell>("front").await, Some(Bell { rung: 1 }));
    }
}

#[tokio::test]
async fn a_store_that_falls_silent_is_answered_for_in_time() {
    let stand = Stand::new().await;
    stand.faults(|_| Some(Fault::Silent));
    let mut call = call(&stand, "POST /bell", Some("k"), r#"{"n":1}"#);
    call.invocation = stand.invocation(Duration::from_millis(100));
    let reply = api().answer(&call).await;
    assert_eq!((reply.status, reply.content_type), (503, "application/problem+json"));
    stand.faults(|_| None);
    call.invocation = stand.invocation(Duration::from_secs(10));
    assert_eq!(api().answer(&call).await.body, r#"{"rung":1}"#);
}

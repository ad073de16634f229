//! HTTP functions that publish: the broker has acknowledged the event before the call is answered.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Notify;
use whenever::http::{Api, Call, Problem, Reply, Request};
use whenever::ports::{Broker, Clock, Message, Pending, PublishError, Publisher};
use whenever::{Announcement, Emission, Envelope, Event as _, SystemClock, event_id};

use crate::kitchen::DoorOpened;
use crate::stand::Stand;
use crate::topics::{Answer, Topics};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Somebody opens a door, of which nobody takes note but the event.
async fn open(call: &Call, publisher: &Publisher) -> Result<Reply, Problem> {
    let door = call.id("door")?;
    let opened = Emission::of::<DoorOpened>().with("door", door);
    call.publish(publisher, Announcement::about("door", door, opened)).await?;
    Ok(Reply::empty(202))
}

fn api(broker: Arc<dyn Broker>) -> Api {
    let publisher = Publisher::to(broker, [DoorOpened::TOPIC]);
    Api::named("doors").on("POST /doors/{door}", async move |call: &Call| open(call, &publisher).await)
}

fn call(stand: &Stand, key: Option<&str>, body: &str) -> Call {
    let mut headers = vec![("traceparent".to_owned(), TRACE.to_owned())];
    headers.extend(key.map(|key| ("idempotency-key".to_owned(), key.to_owned())));
    let request = Request {
        route: "POST /doors/{door}".to_owned(),
        path: [("door".to_owned(), "front".to_owned())].into(),
        headers: headers.into_iter().collect(),
        body: body.as_bytes().to_vec(),
        ..Request::default()
    };
    Call { request, invocation: stand.invocation(Duration::from_secs(10)) }
}

/// Acknowledges nothing until it is told to.
#[derive(Default)]
struct Slow(Notify);

impl Broker for Slow {
    fn publish(&self, messages: Vec<Message>) -> Pending<'_, Vec<Result<(), PublishError>>> {
        Box::pin(async move {
            self.0.notified().await;
            messages.iter().map(|_| Ok(())).collect()
        })
    }
}

#[tokio::test]
async fn a_published_event_is_as_complete_as_one_of_an_outbox() {
    let stand = Stand::new().await;
    let topics = Topics::answering(|_| Answer::Acknowledged);
    let before = SystemClock.now();
    let reply = api(topics.clone()).answer(&call(&stand, None, "")).await;
    assert_eq!((reply.status, reply.body.as_str(), reply.headers()), (202, "", Vec::new()));
    let [Message { topic, key, value }] = &topics.taken()[..] else { panic!("{:?}", topics.taken()) };
    assert_eq!((topic.as_str(), key.as_str()), ("kitchen-events", "front"));
    let event = Envelope::decode(value).unwrap();
    assert_eq!((event.event_type.as_str(), event.dataschema.as_str()), ("DoorOpened", "DoorOpened/1"));
    assert_eq!((event.source.as_str(), event.subject.as_str()), ("/door", "front"));
    assert_eq!((event.partitionkey.as_str(), event.correlationid.as_str()), ("front", "front"));
    assert_eq!(event.id, event_id(&event.causationid, "door", "front", 0));
    assert_eq!(event.traceparent.as_deref(), Some(TRACE));
    assert!(before <= event.time && event.time <= SystemClock.now());
    assert_eq!(event.data::<DoorOpened>().unwrap().door, "front");
    assert_eq!(stand.writes(), 0);
}

#[tokio::test]
async fn a_call_is_not_answered_before_the_broker_has_acknowledged() {
    let stand = Stand::new().await;
    let broker = Arc::new(Slow::default());
    let (api, call) = (api(broker.clone()), call(&stand, None, ""));
    let mut answer = pin!(api.answer(&call));
    assert_eq!(answer.as_mut().now_or_never(), None);
    broker.0.notify_one();
    assert_eq!(answer.await.status, 202);
}

#[tokio::test]
async fn what_is_not_acknowledged_is_not_accepted() {
    let stand = Stand::new().await;
    for (answer, status) in
        [(Answer::Lost, 503), (Answer::Unreachable, 503), (Answer::NotTaken, 503), (Answer::TooLarge, 500)]
    {
        let topics = Topics::answering(move |_| answer);
        let reply = api(topics.clone()).answer(&call(&stand, None, "")).await;
        assert_eq!((reply.status, reply.content_type), (status, "application/problem+json"), "{answer:?}");
        let again = reply.headers().into_iter().find(|(name, _)| *name == "retry-after");
        assert_eq!(again.is_some(), status == 503, "a 503 says when to come again: {answer:?}");
        topics.now_answering(|_| Answer::Acknowledged);
        assert_eq!(api(topics).answer(&call(&stand, None, "")).await.status, 202);
    }
}

#[tokio::test]
async fn a_broker_that_says_nothing_is_not_waited_for_longer_than_the_invocation_lasts() {
    let stand = Stand::new().await;
    let call = Call { invocation: stand.invocation(Duration::from_millis(50)), ..call(&stand, None, "") };
    let reply = api(Arc::new(Slow::default())).answer(&call).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.trouble.as_deref(), Some("the broker did not answer in time"));
}

#[tokio::test]
async fn the_same_request_with_the_same_key_is_the_same_event() {
    let stand = Stand::new().await;
    let topics = Topics::answering(|_| Answer::Acknowledged);
    let api = api(topics.clone());
    for (key, body) in
        [(Some("k"), "1"), (Some("k"), "1"), (Some("k"), "2"), (Some("l"), "1"), (None, "1"), (None, "1")]
    {
        assert_eq!(api.answer(&call(&stand, key, body)).await.status, 202);
    }
    let ids = topics.ids();
    assert_eq!(ids[0], ids[1]);
    let different: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(different.len(), 5, "another key, another body and no key are other events: {ids:?}");
    let wrong = api.answer(&call(&stand, Some(""), "1")).await;
    assert_eq!((wrong.status, topics.taken().len()), (400, 6));
}

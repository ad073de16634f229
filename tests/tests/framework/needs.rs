//! A function can do what it needs and nothing else, whatever its role allows.

use std::sync::Arc;

use whenever::http::{Api, Call, Problem, Reply, Request};
use whenever::item::PK;
use whenever::ports::store::{ItemKey, Query, StoreError};
use whenever::ports::{Broker as _, Message, Platform, PublishError, Store};
use whenever::{Action, Aggregate as _, Ask, DEAD_LETTERS, Event as _, Needs, Place, SettingError, Settings};

use crate::kitchen::{DoorOpened, Jar, give_cookie};
use crate::stand::Stand;
use crate::topics::{Answer, Topics};

const KITCHEN: Place = Place { table: Jar::TABLE, index: None };

fn rejected<T: std::fmt::Debug>(answer: Result<T, StoreError>, action: &str) {
    match answer {
        Err(StoreError::Rejected(why)) => assert!(why.starts_with(&format!("dynamodb:{action} on ")), "{why}"),
        other => panic!("{action} was answered with {other:?}"),
    }
}

#[test]
fn a_policy_knows_its_needs_from_its_commands() {
    let needs = give_cookie().needs();
    for action in [Action::GetItem, Action::BatchGetItem, Action::PutItem] {
        assert!(needs.include(action, KITCHEN), "{action:?}");
    }
    assert!(!needs.include(Action::Scan, KITCHEN) && !needs.include(Action::BatchWriteItem, KITCHEN));
    let parking = Place { table: DEAD_LETTERS, index: None };
    assert!(needs.include(Action::PutItem, parking) && !needs.include(Action::GetItem, parking));
    assert_eq!(needs.places().count(), 2);
}

#[tokio::test]
async fn what_is_not_needed_is_rejected_before_it_is_asked_for() {
    let stand = Stand::new().await;
    let store = stand.limited_to(give_cookie().needs()).unwrap();
    let calls = store.usage().calls;
    let key = |pk: &str| ItemKey { table: Jar::TABLE, pk: pk.to_owned() };
    store.load(&[key("jar#1")]).await.unwrap();
    store.load(&[key("jar#1"), key("jar#2")]).await.unwrap();
    assert_eq!(store.usage().calls - calls, 2.0);
    let all = Query { table: Jar::TABLE, ..Query::default() };
    rejected(store.query(all.clone()).await, "Scan");
    let partition = Query { partition: Some((PK, "jar#1".to_owned())), ..all.clone() };
    rejected(store.query(partition).await, "Query");
    rejected(store.query(Query { table: DEAD_LETTERS, ..all }).await, "Scan");
    rejected(store.put_all(Jar::TABLE, vec![whenever::item::Item::new()]).await, "BatchWriteItem");
    assert_eq!(store.usage().calls - calls, 2.0);
}

#[test]
fn a_table_that_is_needed_and_not_named_is_a_setting_that_is_missing() {
    let identity = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "KITCHEN_TABLE"];
    let settings: Settings = identity.map(|name| (name.to_owned(), "x".to_owned())).into_iter().collect();
    let store = whenever::DynamoStore::from_settings(&settings).unwrap();
    let SettingError { name, .. } = store.limited_to(give_cookie().needs()).unwrap_err();
    assert_eq!(name, "DEAD_LETTERS_TABLE");
}

/// Takes a cookie out of a jar, which is a write.
async fn take(call: &Call) -> Result<Reply, Problem> {
    call.execute::<Jar>(Ask::<Jar>::existing("1", ()), |_| Reply::empty(200)).await
}

#[tokio::test]
async fn a_route_that_its_function_is_not_told_the_needs_of_fails_and_only_the_log_says_why() {
    let stand = Stand::new().await;
    stand.put("1", &Jar { left: 1 }).await;
    for (needs, status) in [(Needs::new().read::<Jar>(), 500), (Needs::new().execute::<Jar>(), 200)] {
        let api = Api::named("jars").needing(needs).on("POST /jar", take);
        let store: Arc<dyn Store> = Arc::new(stand.limited_to(api.needs()).unwrap());
        let mut invocation = stand.invocation(std::time::Duration::from_secs(10));
        invocation.platform = Platform { store, ..invocation.platform };
        let request = Request { route: "POST /jar".to_owned(), ..Request::default() };
        let reply = api.answer(&Call { request, invocation }).await;
        assert_eq!(reply.status, status, "{reply:?}");
        let told = reply.trouble.is_some_and(|why| why.contains("dynamodb:PutItem on table kitchen"));
        assert_eq!((told, reply.body.contains("kitchen")), (status == 500, false));
    }
}

#[tokio::test]
async fn records_for_topics_that_are_not_published_to_are_refused_and_the_others_go_out() {
    let topics = Topics::answering(|_| Answer::Acknowledged);
    let message = |topic: &str, key: &str| Message { topic: topic.to_owned(), key: key.to_owned(), value: Vec::new() };
    let messages = vec![message(DoorOpened::TOPIC, "a"), message("elsewhere", "b"), message(DoorOpened::TOPIC, "c")];
    let answers = topics.publisher().publish(messages).await;
    assert!(
        matches!(&answers[..], [Ok(()), Err(PublishError::Refused(why)), Ok(())] if why.starts_with("elsewhere is none"))
    );
    assert_eq!(topics.keys(), ["a", "c"]);
}

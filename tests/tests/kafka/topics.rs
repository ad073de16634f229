//! Making topics and growing them, and what is said of brokers that are none.

use localstack::broker::Given;
use localstack::provision::{self, Action, Step, Wish};
use localstack::template::Topic;
use shop_tests::broker;

fn topic(partitions: i32) -> [Topic; 1] {
    [Topic { name: "order-events".to_owned(), partitions }]
}

async fn done(broker: &Given, partitions: i32, wish: Wish) -> Action {
    let steps = provision::topics(broker, &topic(partitions), &wish).await.unwrap();
    let [Step { action, .. }] = steps[..] else { panic!("{steps:?}") };
    action
}

#[tokio::test]
async fn a_topic_is_made_once_grows_when_asked_and_never_shrinks() {
    if !broker::is_given("a_topic_is_made_once_grows_when_asked_and_never_shrinks") {
        return;
    }
    let broker = Given::open(&broker::given().unwrap(), &broker::own_prefix());
    let grow = || Wish { grow: true, ..Wish::default() };
    let dry_run = Wish { dry_run: true, ..Wish::default() };
    assert_eq!(done(&broker, 1, dry_run.clone()).await, Action::Create(1));
    assert_eq!(done(&broker, 1, Wish::default()).await, Action::Create(1));
    assert_eq!(done(&broker, 1, Wish::default()).await, Action::Keep { there: 1, template: 1 });
    assert_eq!(done(&broker, 4, dry_run).await, Action::Keep { there: 1, template: 4 });
    assert_eq!(done(&broker, 4, Wish { dry_run: true, ..grow() }).await, Action::Grow { from: 1, to: 4 });
    assert_eq!(done(&broker, 4, grow()).await, Action::Grow { from: 1, to: 4 });
    assert_eq!(done(&broker, 2, grow()).await, Action::Keep { there: 4, template: 2 });
    let shrunk = Wish { partitions: [("order-events".to_owned(), 2)].into(), ..Wish::default() };
    assert_eq!(done(&broker, 4, shrunk).await, Action::Refuse { there: 4, asked: 2 });
    assert_eq!(done(&broker, 4, Wish::default()).await, Action::Keep { there: 4, template: 4 });
}

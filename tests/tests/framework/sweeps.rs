//! Sweeps: once, however many overlap, and never early.

use std::time::Duration;

use futures_util::future::join_all;
use whenever::ports::Clock;
use whenever::{Ask, Policy, Sweep, SystemClock};

use crate::kitchen::{DoorOpened, Tea, TeaCommand};
use crate::stand::{Stand, record};

fn sweep() -> Sweep {
    Sweep::named("sweep-tea", Duration::from_millis(20))
        .whenever_due::<Tea, _>(|id| Ask::<Tea>::existing(id, TeaCommand::GetCold))
}

async fn brew(stand: &Stand, id: &str, time: Duration) {
    let policy = Policy::named("brew")
        .whenever(move |event: &whenever::Received<DoorOpened>| Ask::<Tea>::first(&event.door, TeaCommand::Brew(time)));
    let opened = record(id, "DoorOpened", id, serde_json::json!({ "door": id }));
    stand.deliver(&policy, &[opened]).await;
}

#[tokio::test]
async fn overlapping_sweeps_end_what_is_due_once() {
    let stand = Stand::new().await;
    for cup in 0..30 {
        brew(&stand, &format!("cup-{cup}"), Duration::from_millis(1)).await;
    }
    let invocation = stand.invocation(Duration::from_secs(10));
    // The last one's deadline has passed as well.
    SystemClock.sleep(Duration::from_millis(2)).await;
    let sweeps: Vec<Sweep> = (0..4).map(|_| sweep()).collect();
    let end = Some(SystemClock.now().plus(Duration::from_millis(200)));
    for swept in join_all(sweeps.iter().map(|sweep| sweep.run(end, &invocation))).await {
        assert_eq!(swept.unwrap().failed, 0);
    }
    for cup in 0..30 {
        let item = stand.item::<Tea>(&format!("cup-{cup}")).await.unwrap();
        assert_eq!(item["cold"], true);
        assert_eq!(item["version"], 2, "written once");
        assert!(!item.contains_key("dueAt") && !item.contains_key("dueShard"), "it waits no more: {item:?}");
        assert_eq!(stand.outbox::<Tea>(&format!("cup-{cup}")).await.len(), 1);
    }
    assert_eq!(sweep().run(None, &invocation).await.unwrap().due, 0);
}

#[tokio::test]
async fn what_still_has_time_is_left_alone() {
    let stand = Stand::new().await;
    brew(&stand, "cup", Duration::from_secs(600)).await;
    let swept = sweep().run(None, &stand.invocation(Duration::from_secs(5))).await.unwrap();
    assert_eq!(swept.due, 0);
    assert_eq!(stand.item::<Tea>("cup").await.unwrap()["version"], 1);
}

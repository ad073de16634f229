//! What can never succeed is parked with its bytes, and its neighbours go on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use whenever::{Outcome, Record};

use crate::kitchen::{Jar, give_cookie};
use crate::stand::{Stand, raw, record};

fn wanted(child: &str, jar: &str) -> Record {
    record(&format!("wanted-{child}"), "CookieWanted", child, json!({ "child": child, "jar": jar }))
}

fn envelope(change: serde_json::Value) -> Vec<u8> {
    let mut envelope = json!({
        "specversion": "1.0", "id": "1", "source": "/test", "type": "CookieWanted", "subject": "tom",
        "time": "2026-01-01T00:00:00Z", "data": { "child": "tom", "jar": "jar" },
    });
    for (name, value) in change.as_object().unwrap() {
        envelope[name] = value.clone();
    }
    envelope.to_string().into_bytes()
}

#[tokio::test]
async fn every_kind_of_nonsense_is_parked_once_with_its_bytes() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    let nonsense: Vec<Vec<u8>> = vec![
        b"\xff\xfe".to_vec(),
        b"not json".to_vec(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        envelope(json!({ "id": "" })),
        envelope(json!({ "id": null })),
        envelope(json!({ "type": 7 })),
        envelope(json!({ "specversion": "2.0" })),
        envelope(json!({ "time": "yesterday" })),
        envelope(json!({ "data": { "child": 7 } })),
        envelope(json!({ "data": null })),
        Vec::new(),
    ];
    for (offset, bytes) in nonsense.iter().enumerate() {
        let mut bad = raw("tom", bytes);
        bad.offset = i64::try_from(offset).unwrap();
        bad.headers = vec![("trace".to_owned(), vec![200, 1])];
        let batch = [wanted(&format!("before-{offset}"), "jar"), bad, wanted(&format!("after-{offset}"), "jar")];
        for _ in 0..2 {
            stand.put("jar", &Jar { left: 10 }).await;
            let outcomes = stand.deliver(&give_cookie(), &batch).await;
            assert!(matches!(outcomes[1], Outcome::Parked(_)), "{outcomes:?}");
            assert_eq!((&outcomes[0], &outcomes[2]), (&Outcome::Done, &Outcome::Done));
        }
    }
    let letters = stand.dead_letters().await;
    assert_eq!(letters.len(), nonsense.len(), "parked once each, however often delivered");
    for letter in letters {
        let offset = usize::try_from(letter["offset"].as_i64().unwrap()).unwrap();
        let bytes = match letter.get("value") {
            Some(text) => text.as_str().unwrap().as_bytes().to_vec(),
            None => STANDARD.decode(letter["valueBase64"].as_str().unwrap()).unwrap(),
        };
        assert_eq!(bytes, nonsense[offset]);
        assert_eq!(letter["policy"], "give-cookie");
        assert_eq!(letter["topic"], "kitchen-events");
        assert_eq!(letter["key"], "tom");
        assert_eq!(letter["headers"], json!([{ "name": "trace", "valueBase64": "yAE=" }]));
        assert!(!letter["reason"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_record_without_a_value_is_parked() {
    let stand = Stand::new().await;
    let tombstone = Record { value: None, ..raw("tom", b"") };
    let outcomes = stand.deliver(&give_cookie(), &[tombstone]).await;
    assert!(matches!(outcomes[0], Outcome::Parked(_)));
    assert!(!stand.dead_letters().await[0].contains_key("value"));
}

#[tokio::test]
async fn a_broken_invariant_is_parked_and_its_neighbours_go_on() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    let batch = [wanted("a", "jar"), wanted("b", "no-such-jar"), wanted("c", "jar")];
    let outcomes = stand.deliver(&give_cookie(), &batch).await;
    assert_eq!((&outcomes[0], &outcomes[2]), (&Outcome::Done, &Outcome::Done));
    let letters = stand.dead_letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0]["reason"].as_str().unwrap().contains("no-such-jar"));
    assert_eq!(letters[0]["eventId"], "wanted-b");
    assert_eq!(stand.state::<Jar>("jar").await, Some(Jar { left: 8 }));
}

#[tokio::test]
async fn a_newer_version_waits_with_what_follows_on_its_key() {
    let stand = Stand::new().await;
    stand.put("jar", &Jar { left: 10 }).await;
    let newer = raw("tom", &envelope(json!({ "dataschema": "CookieWanted/2" })));
    let outcomes = stand.deliver(&give_cookie(), &[newer, wanted("tom", "jar"), wanted("ann", "jar")]).await;
    assert!(matches!(outcomes[0], Outcome::Failed(_)));
    assert!(matches!(outcomes[1], Outcome::Failed(_)));
    assert_eq!(outcomes[2], Outcome::Done);
    assert!(stand.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_value_larger_than_an_item_is_parked_in_parts() {
    let stand = Stand::new().await;
    let large: Vec<u8> = (0..700_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let outcomes = stand.deliver(&give_cookie(), &[raw("tom", &large)]).await;
    assert!(matches!(outcomes[0], Outcome::Parked(_)), "{outcomes:?}");
    let mut letters = stand.dead_letters().await;
    letters.sort_by_key(|letter| letter["sk"].to_string());
    let (parts, letter): (Vec<_>, Vec<_>) =
        letters.into_iter().partition(|letter| letter["pk"].as_str().unwrap().ends_with("/parts"));
    assert_eq!(letter[0]["parts"], parts.len());
    let document: String = parts.iter().map(|part| part["document"].as_str().unwrap()).collect();
    let original: serde_json::Value = serde_json::from_str(&document).unwrap();
    let bytes = STANDARD.decode(original["valueBase64"].as_str().unwrap()).unwrap();
    assert_eq!(original["key"], "tom");
    assert_eq!(bytes, large);
}

#[tokio::test]
async fn headers_larger_than_an_item_do_not_keep_a_record_from_being_parked() {
    let stand = Stand::new().await;
    let mut record = raw("tom", b"not json");
    record.headers = vec![("large".to_owned(), vec![7; 500_000])];
    record.value = Some(format!(r#"{{"specversion":"{}"}}"#, "9".repeat(50_000)).into_bytes());
    let outcomes = stand.deliver(&give_cookie(), &[record]).await;
    assert!(matches!(outcomes[0], Outcome::Parked(_)), "{outcomes:?}");
}

#[tokio::test]
async fn one_event_that_cannot_be_written_does_not_hold_up_a_projection() {
    let stand = Stand::new().await;
    let entry: fn(whenever::Envelope) -> whenever::item::Item = |event| {
        let item = json!({ "pk": format!("event#{}", event.id), "left": 1, "version": 1 });
        item.as_object().unwrap().clone()
    };
    let projection = whenever::Projection::named("project", "kitchen", entry);
    // DynamoDB takes partition keys of up to 2,048 bytes.
    let long = record(&"x".repeat(3_000), "SunRose", "east", json!({}));
    let batch = [record("a", "SunRose", "east", json!({})), long, record("b", "SunRose", "east", json!({}))];
    let handled = projection.run(&batch, &stand.invocation(std::time::Duration::from_secs(10))).await;
    let outcomes = crate::stand::outcomes(handled);
    assert!(matches!(&outcomes[..], [Outcome::Done, Outcome::Parked(_), Outcome::Done]), "{outcomes:?}");
}

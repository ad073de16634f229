//! What an operator finds in the dead letters, and what becomes of it.

use serde_json::json;
use whenever::{Collector, Outcome, Record, Removal, Timestamp, kafka_event};

use crate::kitchen::{Jar, give_cookie};
use crate::stand::{Stand, outcomes, raw, record};

fn wanted(child: &str, jar: &str) -> Record {
    let event = record(&format!("wanted-{child}"), "CookieWanted", child, json!({ "child": child, "jar": jar }));
    Record { offset: 7, timestamp: Timestamp::from_millis(1_700_000_000_000), ..event }
}

#[tokio::test]
async fn a_letter_says_what_was_to_be_done_and_how_often_it_failed() {
    let stand = Stand::new().await;
    let record = Record { headers: vec![("trace".to_owned(), vec![200, 1])], ..wanted("tom", "none") };
    for _ in 0..3 {
        stand.deliver(&give_cookie(), std::slice::from_ref(&record)).await;
    }
    let letters = stand.letterbox().letters(None).await.unwrap();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((letter.record.clone(), letter.policy.as_str(), letter.attempts), (record, "give-cookie", 3));
    assert!(letter.reason.contains("there is no jar none"), "{letter:?}");
    let event = letter.event.as_ref().unwrap();
    assert_eq!((&*event.id, &*event.event_type, &*event.correlation_id), ("wanted-tom", "CookieWanted", "tom"));
    assert_eq!((letter.parked_at, letter.place), (letter.first_failed_at, None));
    assert!(letter.first_failed_at < letter.last_failed_at, "{letter:?}");
}

#[tokio::test]
async fn redriven_and_interrupted_before_the_letter_is_gone_it_has_its_effect_once() {
    let stand = Stand::new().await;
    stand.deliver(&give_cookie(), &[wanted("tom", "jar")]).await;
    stand.put("jar", &Jar { left: 10 }).await;
    let letterbox = stand.letterbox();
    for _ in 0..2 {
        let letters = letterbox.letters(Some("give-cookie")).await.unwrap();
        let record = letterbox.record(&letters[0]).await.unwrap();
        assert_eq!(stand.deliver(&give_cookie(), &[record]).await, [Outcome::Done]);
    }
    let letters = letterbox.letters(None).await.unwrap();
    assert_eq!(letterbox.remove(&letters[0], &letters).await.unwrap(), Removal::Gone);
    assert_eq!(letterbox.remove(&letters[0], &letters).await.unwrap(), Removal::Changed(None), "somebody was faster");
    assert_eq!(stand.state::<Jar>("jar").await, Some(Jar { left: 9 }));
}

#[tokio::test]
async fn a_record_that_is_parked_again_meanwhile_keeps_its_letter() {
    let stand = Stand::new().await;
    stand.deliver(&give_cookie(), &[wanted("tom", "jar")]).await;
    let letterbox = stand.letterbox();
    let letters = letterbox.letters(None).await.unwrap();
    stand.deliver(&give_cookie(), &[wanted("tom", "jar")]).await;
    let removal = letterbox.remove(&letters[0], &letters).await.unwrap();
    assert!(matches!(removal, Removal::Changed(Some(letter)) if letter.attempts == 2));
    assert_eq!(letterbox.letters(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_record_in_parts_comes_back_as_it_was_and_its_parts_go_with_its_letter() {
    let stand = Stand::new().await;
    let large: Vec<u8> = (0..700_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let record = Record { headers: vec![("h".to_owned(), vec![1])], ..raw("tom", &large) };
    stand.deliver(&give_cookie().sequenced(), std::slice::from_ref(&record)).await;
    let letterbox = stand.letterbox();
    let letters = letterbox.letters(None).await.unwrap();
    assert_eq!((letters[0].record.key.as_deref(), &letters[0].record.value), (Some(&b"tom"[..]), &None));
    assert_eq!(letterbox.record(&letters[0]).await.unwrap(), record);
    assert_eq!(letterbox.remove(&letters[0], &letters).await.unwrap(), Removal::Gone);
    assert!(stand.dead_letters().await.is_empty(), "nothing is left of it");
}

#[tokio::test]
async fn what_lambda_gave_up_on_says_when_and_after_how_many_attempts() {
    let stand = Stand::new().await;
    let lost = [wanted("tom", "jar"), Record { offset: 8, ..wanted("tom", "jar") }];
    let given_up = json!({
        "requestContext": {
            "requestId": "1", "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:give-cookie:$LATEST",
            "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 3,
        },
        "timestamp": "2026-01-31T12:00:00.000Z",
        "payload": kafka_event(&lost),
    });
    let collector = Collector::named("collect-dead-letters");
    let invocation = stand.invocation(std::time::Duration::from_secs(10));
    for attempts in [3, 6] {
        let handled = collector.run(&[raw("", given_up.to_string().as_bytes())], &invocation).await;
        assert!(matches!(outcomes(handled)[..], [Outcome::Parked(_)]), "the alarm counts what Lambda gave up on");
        let letters = stand.letterbox().letters(Some("give-cookie")).await.unwrap();
        assert_eq!(letters.iter().map(|letter| letter.record.clone()).collect::<Vec<_>>(), lost);
        for letter in &letters {
            assert_eq!(letter.attempts, attempts);
            assert_eq!(letter.first_failed_at, lost[0].timestamp, "not before the broker had it");
            assert_eq!(letter.last_failed_at.to_string(), "2026-01-31T12:00:00.000Z");
            assert!(letter.parked_at > letter.last_failed_at);
            assert_eq!(letter.event.as_ref().unwrap().id, "wanted-tom");
            assert_eq!(letter.reason, "Lambda gave up after 3 attempts: RetryAttemptsExhausted");
        }
    }
}

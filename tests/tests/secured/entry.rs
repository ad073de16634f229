//! Who is known gets in, and stays in when tokens end and passwords change.

use std::time::Duration;

use serde_json::json;
use shop_tests::secured::{Entry, user};

use crate::stand::Stand;

#[tokio::test]
async fn a_user_publishes_over_tls_with_the_password_of_the_secret() {
    let entry = Entry::scram();
    let stand = Stand::new(&entry).await;
    assert_eq!(stand.producer.connect().await, Ok(()));
    assert_eq!(stand.publish().await, Ok(()));
    assert_eq!(entry.secrets.read("login"), 1);
}

#[tokio::test]
async fn a_role_publishes_over_tls_with_tokens_that_are_signed_anew_before_they_end() {
    let entry = Entry::iam().with("KAFKA_TOKEN_SECONDS", "4");
    let stand = Stand::new(&entry).await;
    assert_eq!(stand.producer.connect().await, Ok(()));
    // The broker ends a connection with the token that it was made with, unless a newer one was shown.
    stand.publish_for(Duration::from_secs(13)).await;
}

#[tokio::test]
async fn a_password_that_changes_is_read_again_when_the_broker_denies_the_old_one() {
    user("rotated", "first");
    let entry = Entry::scram();
    let login = |password: &str| json!({"username": "rotated", "password": password});
    entry.secrets.keep("login", &login("first"));
    let stand = Stand::new(&entry).await;
    assert_eq!(stand.publish().await, Ok(()));
    user("rotated", "second");
    entry.secrets.keep("login", &login("second"));
    // The broker asks for the password again every three seconds.
    while entry.secrets.read("login") == 1 {
        stand.publish_for(Duration::from_millis(100)).await;
    }
    stand.publish_for(Duration::from_secs(7)).await;
}

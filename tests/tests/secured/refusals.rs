//! What will never work is told from what may, with the setting to mend.

use serde_json::json;
use shop_tests::secured::{Entry, Way};
use whenever::{KafkaBroker, NotConnected};

/// Why the broker does not take a program that is set up so; in one line, and without any secret.
async fn refusal(entry: &Entry) -> String {
    let checked = KafkaBroker::from_settings(&entry.settings()).unwrap().connect().await;
    let Err(NotConnected::Refused(why)) = checked else { panic!("{checked:?}") };
    assert!(why.lines().count() == 1 && !why.contains("wrong-password") && !why.contains("EXAMPLE"), "{why}");
    why
}

#[tokio::test]
async fn who_is_not_known_is_told_what_to_correct() {
    let user = Entry::scram();
    user.secrets.keep("login", &json!({"username": "whenever", "password": "wrong-password"}));
    let why = refusal(&user).await;
    assert!(why.contains("KAFKA_SECRET_ARN"), "{why}");
    let why = refusal(&Entry::iam().with("AWS_SECRET_ACCESS_KEY", "ANOTHER")).await;
    assert!(why.contains("kafka-cluster:Connect"), "{why}");
}

#[tokio::test]
async fn a_broker_whose_certificate_nobody_known_has_signed_is_not_trusted() {
    let why = refusal(&Entry::scram().with("KAFKA_CA_SECRET_ARN", "")).await;
    assert!(why.contains("KAFKA_CA_SECRET_ARN"), "{why}");
}

#[tokio::test]
async fn who_comes_the_wrong_way_is_told_which_there_are() {
    let why = refusal(&Entry::by(Way::Iam, "SCRAM")).await;
    assert!(why.contains("does not offer") && why.contains("OAUTHBEARER"), "{why}");
}

#[tokio::test]
async fn a_broker_that_does_not_answer_may_yet() {
    let gone = Entry::scram().with("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    // They close the connection, as a broker does that is going down.
    let without = Entry::by(Way::Scram, "PLAINTEXT");
    let with = Entry::by(Way::Plaintext, "SCRAM");
    let told = ["Connection refused", "KAFKA_AUTHENTICATION is PLAINTEXT: if this port wants", "this port has none"];
    for (entry, told) in [gone, without, with].iter().zip(told) {
        let checked = KafkaBroker::from_settings(&entry.settings()).unwrap().connect().await;
        assert!(matches!(&checked, Err(NotConnected::Unreachable(why)) if why.contains(told)), "{checked:?}");
    }
}

#[test]
fn a_secret_that_is_not_there_or_of_another_form_is_named_and_not_shown() {
    let refused = |entry: &Entry| KafkaBroker::from_settings(&entry.settings()).unwrap_err().to_string();
    let why = refused(&Entry::scram().with("KAFKA_SECRET_ARN", "another"));
    assert!(why.contains("KAFKA_SECRET_ARN names a secret that cannot be read: ResourceNotFoundException"), "{why}");
    let entry = Entry::scram();
    entry.secrets.keep("login", &json!({"user": "whenever", "password": "wrong-password"}));
    let why = refused(&entry);
    assert!(why.contains(r#"KAFKA_SECRET_ARN names a secret that is not of the form {"username""#), "{why}");
    assert!(!why.contains("wrong-password"), "{why}");
    let why = refused(&Entry::scram().with("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1"));
    assert!(why.contains("KAFKA_SECRET_ARN") && why.contains("VPC"), "{why}");
    assert!(refused(&Entry::scram().with("KAFKA_AUTHENTICATION", "TLS")).contains("must be PLAINTEXT, SCRAM or IAM"));
    assert!(refused(&Entry::iam().with("KAFKA_TOKEN_SECONDS", "901")).contains("KAFKA_TOKEN_SECONDS must be 1 to 900"));
}

//! What librdkafka says of a connection, and what that means: which setting is wrong, and how it is mended.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::access::Authentication;

/// Trouble with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The broker was not reached, or went away. Waiting helps.
    Unreachable(String),
    /// The broker answers, and takes no connection that is set up so.
    Refused(String),
    /// The broker does not take this user or role.
    Denied(String),
}

impl Trouble {
    /// What a reason means; `None` for what only follows from what was said before.
    pub(super) fn of(error: &KafkaError, reason: &str, authentication: Authentication) -> Option<Self> {
        let code = error.rdkafka_error_code();
        let essence = essence(reason);
        let told = |advice: &str| format!("{essence}; {advice}");
        Some(match (code, authentication) {
            (Some(RDKafkaErrorCode::AllBrokersDown), _) => return None,
            (Some(RDKafkaErrorCode::Authentication), _) if reason.contains("mechanism handshake failed") => {
                Self::Refused(told(&format!(
                    "KAFKA_AUTHENTICATION is {authentication}, which the broker does not offer at this port: correct \
                     KAFKA_AUTHENTICATION or KAFKA_BOOTSTRAP_SERVERS"
                )))
            }
            (Some(RDKafkaErrorCode::Authentication), Authentication::Iam) => Self::Denied(told(
                "the broker does not take this role's token: allow the role kafka-cluster:Connect on the cluster, which has to be \
                 in AWS_REGION",
            )),
            (Some(RDKafkaErrorCode::Authentication), _) => Self::Denied(told(
                "the broker does not take the user in the secret KAFKA_SECRET_ARN: correct its username and password, and give \
                 that user SCRAM-SHA-512 on the broker",
            )),
            (Some(RDKafkaErrorCode::SSL), _) if reason.contains("certificate") => Self::Refused(told(
                "the broker's certificate is not trusted: KAFKA_CA_SECRET_ARN has to name the secret with the certificate of the \
                 authority that signed it, if it is a private one, and KAFKA_BOOTSTRAP_SERVERS the host that it is made out to",
            )),
            (Some(RDKafkaErrorCode::SSL), _) => Self::Refused(no_tls(&essence, authentication)),
            (_, Authentication::Scram | Authentication::Iam) if reason.contains("PLAINTEXT broker listener") => {
                // It may also be going down just now.
                Self::Unreachable(no_tls(&essence, authentication))
            }
            _ => Self::Unreachable(essence),
        })
    }

    /// What a line of librdkafka's log means: that a connection is closed by the broker is no error to it.
    pub(super) fn logged(line: &str, authentication: Authentication) -> Option<Self> {
        // The first thing that is said on a connection, and that a port with TLS does not understand.
        let first = line.contains("in state APIVERSION_QUERY");
        let suspect = authentication == Authentication::Plaintext && first;
        suspect.then(|| {
            Self::Unreachable(format!(
                "{}; KAFKA_AUTHENTICATION is PLAINTEXT: if this port wants TLS or credentials, set it to SCRAM or IAM",
                essence(line)
            ))
        })
    }

    /// What is said of it.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Unreachable(text) | Self::Refused(text) | Self::Denied(text) => text,
        }
    }
}

fn no_tls(essence: &str, authentication: Authentication) -> String {
    format!(
        "{essence}; KAFKA_AUTHENTICATION is {authentication}, which is always over TLS, and this port has none: correct \
         KAFKA_BOOTSTRAP_SERVERS, or set KAFKA_AUTHENTICATION to PLAINTEXT"
    )
}

/// `host:9092/bootstrap: Connect … failed: Connection refused (after 0ms in state CONNECT)` without what is known anyway, nor
/// librdkafka's advice, which names its settings instead of ours.
fn essence(reason: &str) -> String {
    let reason = reason.split_once("/bootstrap: ").map_or(reason, |(_, reason)| reason);
    let reason = reason.split_once(" (after ").map_or(reason, |(reason, _)| reason);
    let advice =
        [": might be caused by", ": broker certificate could not", ": verify that security", ": connecting to a"];
    let cut = advice.iter().filter_map(|advice| reason.find(advice)).min();
    cut.map_or(reason, |at| &reason[..at]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: RDKafkaErrorCode, reason: &str, authentication: Authentication) -> Trouble {
        Trouble::of(&KafkaError::Global(code), reason, authentication).unwrap()
    }

    #[test]
    fn the_essence_of_a_reason_is_what_went_wrong() {
        let refused = "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)";
        assert_eq!(essence(refused), "Connect to ipv4#127.0.0.1:1 failed: Connection refused");
        assert_eq!(essence("something else"), "something else");
    }

    #[test]
    fn what_waiting_helps_against_is_told_from_what_has_to_be_mended() {
        use Authentication::{Iam, Plaintext, Scram};
        use RDKafkaErrorCode::{Authentication as Denied, BrokerTransportFailure, SSL};
        let gone = of(BrokerTransportFailure, "Connection refused", Scram);
        assert_eq!(gone, Trouble::Unreachable("Connection refused".to_owned()));
        let closed =
            "[thrd:h:1/bootstrap]: h:1/bootstrap: Disconnected: receive 0 (after 3ms in state APIVERSION_QUERY)";
        let suspected = Trouble::logged(closed, Plaintext);
        let Some(Trouble::Unreachable(why)) = suspected else { panic!("{suspected:?}") };
        assert!(why.starts_with("Disconnected: receive 0; KAFKA_AUTHENTICATION is PLAINTEXT: if this port"), "{why}");
        assert_eq!(Trouble::logged(closed, Scram), None);
        assert!(matches!(of(Denied, "no", Scram), Trouble::Denied(why) if why.contains("KAFKA_SECRET_ARN")));
        assert!(matches!(of(Denied, "no", Iam), Trouble::Denied(why) if why.contains("kafka-cluster:Connect")));
        let unknown = "SSL handshake failed: certificate verify failed: broker certificate could not be verified";
        assert!(matches!(of(SSL, unknown, Iam), Trouble::Refused(why) if why.contains("KAFKA_CA_SECRET_ARN")));
        let bare = "SSL handshake failed: wrong version number";
        assert!(matches!(of(SSL, bare, Scram), Trouble::Refused(why) if why.contains("KAFKA_BOOTSTRAP_SERVERS")));
    }

    #[test]
    fn what_follows_from_the_rest_is_no_news() {
        let down = KafkaError::Global(RDKafkaErrorCode::AllBrokersDown);
        assert_eq!(Trouble::of(&down, "1/1 brokers are down", Authentication::Plaintext), None);
    }
}

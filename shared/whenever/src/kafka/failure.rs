//! What a record's failure means, with what to do where waiting is not enough.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::connection::KafkaConnection;
use crate::ports::PublishError;

/// What the broker says about the record itself is final. What it says about itself or its topics is neither final nor an
/// outage; a topic that is missing can be made while records wait.
pub(super) fn failure(topic: &str, error: &KafkaError, connection: &KafkaConnection) -> PublishError {
    match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::MessageSizeTooLarge
            | RDKafkaErrorCode::InvalidMessage
            | RDKafkaErrorCode::InvalidMessageSize
            | RDKafkaErrorCode::InvalidRecord
            | RDKafkaErrorCode::InvalidTimestamp,
        ) => PublishError::Refused(error.to_string()),
        Some(
            RDKafkaErrorCode::PolicyViolation
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed
            | RDKafkaErrorCode::InvalidTopic
            | RDKafkaErrorCode::InvalidPartitions
            | RDKafkaErrorCode::UnsupportedForMessageFormat,
        ) => PublishError::Failed(error.to_string()),
        Some(RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition) => {
            PublishError::Unavailable(format!("topic {topic} is missing, create it ({error})"))
        }
        _ => PublishError::Unavailable(connection.explain(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::ClientContext as _;

    use crate::kafka::KafkaAccess;

    fn fate(code: RDKafkaErrorCode, connection: &KafkaConnection) -> PublishError {
        failure("orders", &KafkaError::MessageProduction(code), connection)
    }

    #[test]
    fn an_outage_is_told_with_its_cause_until_it_is_over() {
        let connection = KafkaAccess::open("127.0.0.1:9092").connection();
        connection.error(KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure), "connection refused");
        connection.error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
        let timed_out = fate(RDKafkaErrorCode::MessageTimedOut, &connection);
        assert!(matches!(&timed_out, PublishError::Unavailable(why) if why.ends_with("; connection refused")));
        connection.works();
        let timed_out = fate(RDKafkaErrorCode::MessageTimedOut, &connection);
        assert!(matches!(&timed_out, PublishError::Unavailable(why) if !why.contains("refused")));
    }

    #[test]
    fn only_what_is_said_about_the_record_is_final() {
        let connection = KafkaAccess::open("127.0.0.1:9092").connection();
        assert!(matches!(fate(RDKafkaErrorCode::MessageSizeTooLarge, &connection), PublishError::Refused(_)));
        assert!(matches!(fate(RDKafkaErrorCode::TopicAuthorizationFailed, &connection), PublishError::Failed(_)));
        let missing = fate(RDKafkaErrorCode::UnknownTopic, &connection);
        assert!(matches!(&missing, PublishError::Unavailable(why) if why.starts_with("topic orders is missing")));
    }
}

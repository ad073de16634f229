//! First step: from a record's bytes to a command, or to the reason why there is none.

use super::Policy;
use crate::outbox::Cause;
use crate::record::{EventRef, Record};
use crate::{Command, Envelope};

/// What a record asks for.
pub(super) enum Decoded {
    /// A command to carry out.
    Command(Box<dyn Command>, Cause),
    /// A type that the policy does not listen to.
    Ignored,
    /// It can never be carried out.
    Undecodable(String),
    /// A newer program wrote it; this function may be about to be replaced by one that knows it.
    Newer(String),
}

impl Policy {
    pub(super) fn decode(&self, record: &Record) -> (Option<EventRef>, Decoded) {
        let envelope = match Envelope::decode(record.value.as_deref().unwrap_or_default()) {
            Ok(envelope) => envelope,
            Err(why) => return (None, Decoded::Undecodable(why.to_string())),
        };
        let event = EventRef::from(&envelope);
        let decoded = match self.handlers.get(envelope.event_type.as_str()) {
            None => Decoded::Ignored,
            Some(handler) if envelope.version() > handler.version => Decoded::Newer(format!(
                "{} is newer than version {}, the newest that {} knows",
                envelope.dataschema, handler.version, self.name
            )),
            Some(handler) => match (handler.command)(&envelope) {
                Ok(command) => Decoded::Command(command, cause(&envelope)),
                Err(why) => Decoded::Undecodable(why.to_string()),
            },
        };
        (Some(event), decoded)
    }
}

fn cause(envelope: &Envelope) -> Cause {
    Cause {
        id: envelope.id.clone(),
        time: envelope.time,
        correlation: Some(envelope.correlationid.clone()),
        traceparent: envelope.traceparent.clone(),
    }
}

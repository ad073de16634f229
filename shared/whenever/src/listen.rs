//! What a function listens to: types of events, and what it makes of each.

use std::collections::HashMap;

use crate::envelope::{Envelope, Unread};
use crate::record::{EventRef, Record};
use crate::{Event, Received, Undecodable};

/// Handlers by type of event; each makes a `T` of its events.
pub(crate) struct Handlers<T>(HashMap<&'static str, Handler<T>>);

struct Handler<T> {
    version: u32,
    make: Box<Make<T>>,
}

type Make<T> = dyn Fn(&Envelope<Unread<'_>>) -> Result<T, Undecodable> + Send + Sync;

/// What a record is to a function.
pub(crate) enum Decoded<T> {
    /// An event that it listens to, and what it makes of it.
    Known(T),
    /// A type that it does not listen to.
    Ignored,
    /// It can never be read.
    Undecodable(String),
    /// A newer program wrote it; this function may be about to be replaced by one that knows it.
    Newer(String),
}

impl<T> Handlers<T> {
    /// Listens to nothing yet.
    pub(crate) fn new() -> Self {
        Handlers(HashMap::new())
    }

    /// Makes a `T` of every `E`.
    pub(crate) fn add<E: Event>(
        &mut self,
        make: impl Fn(&Received<E>, &Envelope<Unread<'_>>) -> T + Send + Sync + 'static,
    ) {
        let make = move |envelope: &Envelope<Unread<'_>>| {
            let event = Received { id: envelope.id.clone(), time: envelope.time, data: envelope.data::<E>()? };
            Ok(make(&event, envelope))
        };
        self.0.insert(E::TYPE, Handler { version: E::VERSION, make: Box::new(make) });
    }

    /// The types that are listened to.
    pub(crate) fn types(&self) -> impl std::fmt::Debug {
        self.0.keys()
    }

    /// From a record's bytes to what `function` makes of the event, or to the reason why it makes nothing of it.
    pub(crate) fn decode(&self, function: &str, record: &Record) -> (Option<EventRef>, Decoded<T>) {
        let envelope = match Envelope::<Unread<'_>>::read(record.value.as_deref().unwrap_or_default()) {
            Ok(envelope) => envelope,
            Err(why) => return (None, Decoded::Undecodable(why.to_string())),
        };
        let decoded = match self.0.get(envelope.event_type.as_str()) {
            None => Decoded::Ignored,
            Some(handler) if envelope.version() > handler.version => Decoded::Newer(format!(
                "{} is newer than version {}, the newest that {function} knows",
                envelope.dataschema, handler.version
            )),
            Some(handler) => match (handler.make)(&envelope) {
                Ok(made) => Decoded::Known(made),
                Err(why) => Decoded::Undecodable(why.to_string()),
            },
        };
        (Some(EventRef::from(&envelope)), decoded)
    }
}

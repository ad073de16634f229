//! A broker that fails when told to.

use std::sync::{Arc, Mutex, PoisonError};

use whenever::ports::{Broker, Message, Pending, PublishError, Publisher};
use whenever::{Envelope, Event as _};

use crate::kitchen::DoorOpened;

/// How a broker answers a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Acknowledged,
    /// It was taken, but the acknowledgement is lost.
    Lost,
    Unreachable,
    /// The broker says that it does not take it.
    NotTaken,
    TooLarge,
}

type Judge = Box<dyn Fn(&Message) -> Answer + Send>;

/// Keeps what it takes.
pub(crate) struct Topics {
    judge: Mutex<Judge>,
    taken: Mutex<Vec<Message>>,
}

impl Topics {
    pub(crate) fn answering(judge: impl Fn(&Message) -> Answer + Send + 'static) -> Arc<Self> {
        Arc::new(Topics { judge: Mutex::new(Box::new(judge)), taken: Mutex::default() })
    }

    pub(crate) fn now_answering(&self, judge: impl Fn(&Message) -> Answer + Send + 'static) {
        *self.judge.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(judge);
    }

    /// Publishes the kitchen's events to them.
    pub(crate) fn publisher(self: &Arc<Self>) -> Publisher {
        Publisher::to(Arc::clone(self) as Arc<dyn Broker>, [DoorOpened::TOPIC])
    }

    /// Keys of what was taken, in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.taken().into_iter().map(|message| message.key).collect()
    }

    /// What was taken, in order.
    pub(crate) fn taken(&self) -> Vec<Message> {
        self.taken.lock().unwrap().clone()
    }

    /// Ids of what was taken, in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.taken().iter().map(|message| Envelope::decode(&message.value).unwrap().id).collect()
    }
}

impl Broker for Topics {
    fn publish(&self, messages: Vec<Message>) -> Pending<'_, Vec<Result<(), PublishError>>> {
        Box::pin(async move {
            let judge = self.judge.lock().unwrap();
            let answer = |message: Message| {
                let answer = judge(&message);
                if matches!(answer, Answer::Acknowledged | Answer::Lost) {
                    self.taken.lock().unwrap().push(message);
                }
                match answer {
                    Answer::Acknowledged => Ok(()),
                    Answer::Lost | Answer::Unreachable => Err(PublishError::Unavailable("no answer".to_owned())),
                    Answer::NotTaken => Err(PublishError::Failed("not authorised".to_owned())),
                    Answer::TooLarge => Err(PublishError::Refused("too large".to_owned())),
                }
            };
            messages.into_iter().map(answer).collect()
        })
    }
}

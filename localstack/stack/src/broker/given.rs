//! Brokers that run outside the stack, and that others may use too.

use rdkafka::client::{Client, ClientContext};
use rdkafka::error::KafkaError;
use whenever::KafkaAccess;

use super::BrokerError;

/// Brokers at known addresses.
#[derive(Debug, Clone)]
pub struct Given {
    /// The way into them.
    pub access: KafkaAccess,
    /// What the stack's topics and consumer groups begin with there; empty where it has the brokers to itself. Functions
    /// and the records they get know nothing of it.
    pub prefix: String,
}

impl Given {
    /// Brokers at `host:port,…` that ask nobody who they are.
    pub fn open(bootstrap: &str, prefix: &str) -> Self {
        Self { access: KafkaAccess::open(bootstrap), prefix: prefix.to_owned() }
    }

    /// Their `host:port,…`.
    pub fn bootstrap(&self) -> &str {
        self.access.servers()
    }

    /// Lets a client in that nobody polls.
    pub(crate) fn admit<C: ClientContext>(&self, client: &Client<C>) -> Result<(), BrokerError> {
        let admitted = self.access.admit(client).map_err(KafkaError::ClientCreation);
        admitted.map_err(BrokerError::call("showing a token"))
    }

    /// What a topic or group of the template is called on these brokers.
    pub fn name(&self, template: &str) -> String {
        format!("{}{template}", self.prefix)
    }

    /// What a topic of these brokers is called in the template; `None` for one of somebody else.
    pub fn known<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.prefix.as_str())
    }
}

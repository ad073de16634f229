//! Brokers that run outside the stack, and that others may use too.

/// Brokers at known addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Their `host:port,…`.
    pub bootstrap: String,
    /// What the stack's topics and consumer groups begin with there; empty where it has the brokers to itself. Functions
    /// and the records they get know nothing of it.
    pub prefix: String,
}

impl Given {
    /// What a topic or group of the template is called on these brokers.
    pub fn name(&self, template: &str) -> String {
        format!("{}{template}", self.prefix)
    }

    /// What a topic of these brokers is called in the template; `None` for one of somebody else.
    pub fn known<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.prefix.as_str())
    }
}

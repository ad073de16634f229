//! How a client gets into the brokers: where they are, and who it says that it is.

use std::fmt;
use std::str::FromStr;

use rdkafka::client::{Client, ClientContext};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};

use super::connection::KafkaConnection;
#[cfg(feature = "kafka-tls")]
use super::secured::Secured;
use crate::{SettingError, Settings};

pub(super) const SERVERS: &str = "KAFKA_BOOTSTRAP_SERVERS";
const AUTHENTICATION: &str = "KAFKA_AUTHENTICATION";

/// What `KAFKA_AUTHENTICATION` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Authentication {
    /// Nobody is asked who they are, and nothing is encrypted.
    #[default]
    Plaintext,
    /// A user with a password, over TLS.
    Scram,
    /// The function's own role, on Amazon MSK, over TLS.
    Iam,
}

/// The way into brokers that every Kafka client of a program shares.
#[derive(Clone)]
pub struct KafkaAccess {
    servers: String,
    #[cfg(feature = "kafka-tls")]
    secured: Option<Secured>,
}

impl KafkaAccess {
    /// The variables that say who a client is to the brokers.
    pub const VARIABLES: [&str; 9] = [
        AUTHENTICATION,
        "KAFKA_SECRET_ARN",
        "KAFKA_CA_SECRET_ARN",
        "KAFKA_TOKEN_SECONDS",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ];

    /// To the brokers of `KAFKA_BOOTSTRAP_SERVERS` (`host:port`, comma-separated), by `KAFKA_AUTHENTICATION`:
    ///
    /// - `PLAINTEXT`, the default: nobody is asked who they are;
    /// - `SCRAM`: SCRAM-SHA-512 over TLS, as the user in the secret `KAFKA_SECRET_ARN`, `{"username", "password"}`;
    /// - `IAM`: Amazon MSK's own over TLS, as the role whose credentials are in the environment. `KAFKA_TOKEN_SECONDS` is how long a
    ///   token is valid, 900 by default and at most (AWS limit).
    ///
    /// Under TLS a broker's certificate has to be signed by an authority that this machine trusts, or by the one in the secret
    /// `KAFKA_CA_SECRET_ARN`, `{"certificate": PEM}`. Secrets are in AWS Secrets Manager, or at `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
    ///
    /// # Errors
    ///
    /// [`SettingError`] where a variable is missing or wrong, a secret cannot be read or is of another form, or the program was
    /// built without TLS.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let servers = settings.read(SERVERS)?;
        let authentication = settings.get(AUTHENTICATION).map_or(Ok(Authentication::default()), |value| {
            value.parse().map_err(|why: String| SettingError::new(AUTHENTICATION, &format!("is {value:?}: {why}")))
        })?;
        #[cfg(feature = "kafka-tls")]
        return Ok(KafkaAccess { servers, secured: Secured::from_settings(authentication, settings)? });
        #[cfg(not(feature = "kafka-tls"))]
        match authentication {
            Authentication::Plaintext => Ok(KafkaAccess { servers }),
            other => {
                let problem =
                    format!("is {other}, but this program was built without TLS; build it with --features tls");
                Err(SettingError::new(AUTHENTICATION, &problem))
            }
        }
    }

    /// To brokers that ask nobody who they are.
    #[must_use]
    pub fn open(servers: &str) -> Self {
        KafkaAccess {
            servers: servers.to_owned(),
            #[cfg(feature = "kafka-tls")]
            secured: None,
        }
    }

    /// The brokers' addresses.
    #[must_use]
    pub fn servers(&self) -> &str {
        &self.servers
    }

    /// What every client is configured with, to be added to. A client that is polled needs [`KafkaAccess::connection`] as its
    /// context, any other [`KafkaAccess::admit`].
    #[must_use]
    pub fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        // What is listened to; it is written nowhere.
        config.set("bootstrap.servers", &self.servers).set_log_level(RDKafkaLogLevel::Info);
        #[cfg(feature = "kafka-tls")]
        if let Some(secured) = &self.secured {
            secured.configure(&mut config);
        }
        config
    }

    /// A context that listens to a client's connections, and gives it tokens where it needs them.
    #[must_use]
    pub fn connection(&self) -> KafkaConnection {
        KafkaConnection::new(self.clone())
    }

    /// Gives a client its first token, where it needs one: a client that nobody polls does not ask for it.
    ///
    /// # Errors
    ///
    /// What the client or the signing of the token says.
    #[cfg_attr(not(feature = "kafka-tls"), expect(unused_variables, reason = "without TLS there are no tokens"))]
    pub fn admit<C: ClientContext>(&self, client: &Client<C>) -> Result<(), String> {
        #[cfg(feature = "kafka-tls")]
        if let Some(secured) = &self.secured {
            secured.admit(client)?;
        }
        Ok(())
    }

    pub(super) fn authentication(&self) -> Authentication {
        #[cfg(feature = "kafka-tls")]
        return self.secured.as_ref().map_or(Authentication::Plaintext, Secured::authentication);
        #[cfg(not(feature = "kafka-tls"))]
        Authentication::Plaintext
    }

    #[cfg(feature = "kafka-tls")]
    pub(super) fn secured(&self) -> Option<&Secured> {
        self.secured.as_ref()
    }
}

impl FromStr for Authentication {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "PLAINTEXT" => Ok(Self::Plaintext),
            "SCRAM" => Ok(Self::Scram),
            "IAM" => Ok(Self::Iam),
            _ => Err("must be PLAINTEXT, SCRAM or IAM".to_owned()),
        }
    }
}

impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Scram => "SCRAM",
            Self::Iam => "IAM",
        })
    }
}

/// Passwords stand in no log.
impl fmt::Debug for KafkaAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authentication = self.authentication();
        f.debug_struct("KafkaAccess").field("servers", &self.servers).field("authentication", &authentication).finish()
    }
}

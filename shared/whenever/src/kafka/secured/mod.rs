//! Brokers behind TLS, that want to know who comes.

mod native;
mod secrets;
mod token;

use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::client::{Client, ClientContext, OAuthToken};
use rdkafka::config::ClientConfig;

use self::secrets::{Authority, Login, Secrets};
use self::token::Signer;
use super::access::Authentication;
use crate::{SettingError, Settings};

/// Who a client is, and whom it trusts. Clones share the user.
#[derive(Clone)]
pub(super) struct Secured {
    identity: Identity,
    /// The private authority that has signed the brokers' certificates.
    authority: Option<Authority>,
}

#[derive(Clone)]
enum Identity {
    User(Arc<User>),
    Role(Arc<Signer>),
}

/// The user of a secret, as it was when it was last read.
struct User {
    secrets: Secrets,
    login: Mutex<Login>,
}

impl Secured {
    /// What the settings say; `None` for brokers without TLS. Secrets are read at once.
    pub(super) fn from_settings(
        authentication: Authentication,
        settings: &Settings,
    ) -> Result<Option<Self>, SettingError> {
        let identity = match authentication {
            Authentication::Plaintext => return Ok(None),
            Authentication::Scram => {
                let secrets = Secrets::from_settings(secrets::LOGIN, settings)?;
                let login = Mutex::new(secrets.read_now()?);
                Identity::User(Arc::new(User { secrets, login }))
            }
            Authentication::Iam => Identity::Role(Arc::new(Signer::from_settings(settings)?)),
        };
        let authority = match settings.get(secrets::AUTHORITY) {
            Some(_) => Some(Secrets::from_settings(secrets::AUTHORITY, settings)?.read_now()?),
            None => None,
        };
        Ok(Some(Secured { identity, authority }))
    }

    pub(super) fn authentication(&self) -> Authentication {
        match self.identity {
            Identity::User(_) => Authentication::Scram,
            Identity::Role(_) => Authentication::Iam,
        }
    }

    pub(super) fn configure(&self, config: &mut ClientConfig) {
        config.set("security.protocol", "SASL_SSL");
        match &self.authority {
            Some(authority) => config.set("ssl.ca.pem", &authority.certificate),
            // OpenSSL's own folder is not there where it was not built.
            None => config.set("ssl.ca.location", "probe"),
        };
        match &self.identity {
            Identity::User(user) => {
                let login = user.login();
                config.set("sasl.mechanisms", "SCRAM-SHA-512");
                config.set("sasl.username", login.username).set("sasl.password", login.password);
            }
            Identity::Role(_) => {
                config.set("sasl.mechanisms", "OAUTHBEARER");
            }
        }
    }

    /// A new token of the role.
    pub(super) fn token(&self) -> Result<OAuthToken, String> {
        match &self.identity {
            Identity::Role(signer) => signer.token(std::time::SystemTime::now()),
            Identity::User(_) => Err("a user has a password and no tokens".to_owned()),
        }
    }

    /// Gives a client that does not ask for it its first token.
    pub(super) fn admit<C: ClientContext>(&self, client: &Client<C>) -> Result<(), String> {
        match &self.identity {
            Identity::Role(_) => native::set_token(client, self.token()?),
            Identity::User(_) => Ok(()),
        }
    }

    /// The broker does not take the user any more: if the secret has changed, the client comes as the user that it says now.
    pub(super) async fn renew<C: ClientContext>(&self, client: &Client<C>) {
        let Identity::User(user) = &self.identity else { return };
        // What cannot be read now is read when the broker denies the user the next time.
        let Ok(login) = user.secrets.read::<Login>().await else { return };
        if login != user.login() && native::set_login(client, &login).is_ok() {
            *user.login.lock().unwrap_or_else(PoisonError::into_inner) = login;
        }
    }
}

impl User {
    fn login(&self) -> Login {
        self.login.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

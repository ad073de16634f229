//! Secrets of AWS Secrets Manager.

use std::time::Duration;

use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Region};
use aws_sdk_secretsmanager::error::{DisplayErrorContext, ProvideErrorMetadata as _};
use aws_sdk_secretsmanager::{Client, Config};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::aws;
use crate::{SettingError, Settings};

/// The variables that name a secret.
pub(super) const LOGIN: &str = "KAFKA_SECRET_ARN";
pub(super) const AUTHORITY: &str = "KAFKA_CA_SECRET_ARN";

/// A user and their password, in the form that Amazon MSK and Lambda want of such a secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Login {
    pub(super) username: String,
    pub(super) password: String,
}

/// An authority that signs certificates, in the form that Lambda wants of such a secret.
#[derive(Clone, Deserialize)]
pub(super) struct Authority {
    /// Its own certificate, as PEM.
    pub(super) certificate: String,
}

/// What a secret has to hold.
pub(super) trait Secret: DeserializeOwned + Send {
    const FORM: &'static str;
}

impl Secret for Login {
    const FORM: &'static str = r#"{"username": "…", "password": "…"}"#;
}

impl Secret for Authority {
    const FORM: &'static str = r#"{"certificate": "-----BEGIN CERTIFICATE-----…"}"#;
}

/// One secret and who keeps it.
pub(super) struct Secrets {
    variable: &'static str,
    id: String,
    config: Config,
}

impl Secrets {
    /// The secret that a variable names.
    pub(super) fn from_settings(variable: &'static str, settings: &Settings) -> Result<Self, SettingError> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .build();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(aws::region(settings)?))
            .credentials_provider(aws::credentials(settings)?)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(3));
        if let Some(endpoint) = settings.get("AWS_ENDPOINT_URL_SECRETS_MANAGER") {
            config = config.endpoint_url(endpoint);
        }
        Ok(Secrets { variable, id: settings.read(variable)?, config: config.build() })
    }

    /// Reads the secret. What it holds stands in no error.
    pub(super) async fn read<T: Secret>(&self) -> Result<T, SettingError> {
        let wrong = |problem: &str| SettingError::new(self.variable, problem);
        // Made for each call: its connections belong to the runtime that it is made on.
        let client = Client::from_conf(self.config.clone());
        let answer = client.get_secret_value().secret_id(&self.id).send().await.map_err(|e| {
            let why = match e.code() {
                Some(code) => format!("{code}: {}", e.message().unwrap_or("no reason given")),
                None => {
                    format!("{}; a function in a VPC needs an endpoint for Secrets Manager", DisplayErrorContext(&e))
                }
            };
            wrong(&format!("names a secret that cannot be read: {why}"))
        })?;
        let secret = answer.secret_string().and_then(|text| serde_json::from_str(text).ok());
        secret.ok_or_else(|| wrong(&format!("names a secret that is not of the form {}", T::FORM)))
    }

    /// The same for a caller that cannot wait, on a thread of its own: the caller's may have a runtime already.
    pub(super) fn read_now<T: Secret>(&self) -> Result<T, SettingError> {
        let read = || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(self.read()),
            Err(e) => Err(SettingError::new(self.variable, &format!("cannot be read: {e}"))),
        };
        let ended = std::thread::scope(|scope| scope.spawn(read).join());
        ended.unwrap_or_else(|_| Err(SettingError::new(self.variable, "cannot be read: the reading broke off")))
    }
}

//! A role's token for Amazon MSK: a presigned URL of the action `kafka-cluster:Connect`, in base64.

use std::iter;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_secretsmanager::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;

use crate::aws;
use crate::{SettingError, Settings};

const SECONDS: &str = "KAFKA_TOKEN_SECONDS";

/// The longest that a token is valid (AWS limit).
const LONGEST: u64 = 900;

/// Signs tokens as the role whose credentials are in the environment.
pub(super) struct Signer {
    credentials: Credentials,
    region: String,
    valid: Duration,
}

impl Signer {
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let seconds = settings.get(SECONDS).map_or(Ok(LONGEST), |_| settings.read(SECONDS))?;
        if !(1..=LONGEST).contains(&seconds) {
            return Err(SettingError::new(SECONDS, &format!("must be 1 to {LONGEST} seconds")));
        }
        let (credentials, region) = (aws::credentials(settings)?, aws::region(settings)?);
        Ok(Signer { credentials, region, valid: Duration::from_secs(seconds) })
    }

    /// A token that is valid from now on. librdkafka asks for the next one when four fifths of its time are over.
    pub(super) fn token(&self, now: SystemTime) -> Result<OAuthToken, String> {
        let url = self.presigned(now).map_err(|e| format!("the token cannot be signed: {e}"))?;
        let ends = (now + self.valid).duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(OAuthToken {
            // MSK wants to know the client, outside of what is signed.
            token: URL_SAFE_NO_PAD.encode(format!("{url}&User-Agent=whenever%2F{}", env!("CARGO_PKG_VERSION"))),
            // Who it is stands in the token; this is for librdkafka's own log.
            principal_name: "role".to_owned(),
            lifetime_ms: i64::try_from(ends.as_millis()).unwrap_or(i64::MAX),
        })
    }

    fn presigned(&self, now: SystemTime) -> Result<String, Box<dyn std::error::Error>> {
        let url = format!("https://kafka.{}.amazonaws.com/?Action=kafka-cluster%3AConnect", self.region);
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.valid);
        let identity = self.credentials.clone().into();
        let signing = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("kafka-cluster")
            .time(now)
            .settings(settings)
            .build()?;
        let signable = SignableRequest::new("GET", &url, iter::empty(), SignableBody::Bytes(&[]))?;
        let (instructions, _) = sign(signable, &signing.into())?.into_parts();
        let mut request = http::Request::get(&url).body(())?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(request.uri().to_string())
    }
}

//! What every AWS client needs of the environment.

use aws_sdk_dynamodb::config::Credentials;

use crate::{SettingError, Settings};

/// The credentials that Lambda hands out: those of the function's role.
///
/// # Errors
///
/// [`SettingError`] names the variable that is missing.
pub(crate) fn credentials(settings: &Settings) -> Result<Credentials, SettingError> {
    Ok(Credentials::new(
        settings.read::<String>("AWS_ACCESS_KEY_ID")?,
        settings.read::<String>("AWS_SECRET_ACCESS_KEY")?,
        settings.get("AWS_SESSION_TOKEN").map(str::to_owned),
        None,
        "environment",
    ))
}

/// The region that the function runs in.
///
/// # Errors
///
/// [`SettingError`] where `AWS_REGION` is missing.
pub(crate) fn region(settings: &Settings) -> Result<String, SettingError> {
    settings.read("AWS_REGION")
}

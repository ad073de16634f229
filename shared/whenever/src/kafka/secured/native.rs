//! Two calls of librdkafka that rdkafka has no function for: both change the credentials of a client that is running.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::ptr;

use rdkafka::bindings::{
    rd_kafka_error_destroy, rd_kafka_oauthbearer_set_token, rd_kafka_resp_err_t, rd_kafka_sasl_set_credentials,
};
use rdkafka::client::{Client, ClientContext, OAuthToken};

use super::secrets::Login;

/// From its next connection on the client comes as this user.
pub(super) fn set_login<C: ClientContext>(client: &Client<C>, login: &Login) -> Result<(), String> {
    let (username, password) = (text(&login.username)?, text(&login.password)?);
    // SAFETY: the client lives as long as the reference; librdkafka locks what it changes and copies both texts.
    let error = unsafe { rd_kafka_sasl_set_credentials(client.native_ptr(), username.as_ptr(), password.as_ptr()) };
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: the error is ours to free, once.
    unsafe { rd_kafka_error_destroy(error) };
    Err("librdkafka does not take the user".to_owned())
}

/// The client shows this token at its next connection.
pub(super) fn set_token<C: ClientContext>(client: &Client<C>, token: OAuthToken) -> Result<(), String> {
    let (value, principal) = (text(&token.token)?, text(&token.principal_name)?);
    let mut why = [0; 256];
    // SAFETY: the client lives as long as the reference; librdkafka copies both texts, reads no extensions where their number is
    // 0, and writes at most the length of `why`.
    let code = unsafe {
        rd_kafka_oauthbearer_set_token(
            client.native_ptr(),
            value.as_ptr(),
            token.lifetime_ms,
            principal.as_ptr(),
            ptr::null_mut(),
            0,
            why.as_mut_ptr(),
            why.len(),
        )
    };
    match code {
        rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(()),
        _ => Err("librdkafka does not take the token".to_owned()),
    }
}

fn text(text: &str) -> Result<CString, String> {
    CString::new(text).map_err(|_| "a user, password or token cannot hold the character NUL".to_owned())
}

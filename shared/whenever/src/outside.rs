//! Outside systems over HTTP/1.1, with TLS where the URL says `https`.

use std::error::Error;
use std::iter::successors;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Request as HttpRequest, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};

use crate::ports::outside::{CallError, MOST_READ, Request, Response};
use crate::ports::{Outside, Pending};
use crate::{SettingError, Settings};

/// How long a connection may take, of the time that the whole call has.
const CONNECTED_WITHIN: Duration = Duration::from_secs(2);

/// One URL that messages are posted to. Connections are kept open for the next call.
pub struct HttpOutside {
    url: Uri,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl HttpOutside {
    /// The outside system whose URL stands in the variable `name`.
    ///
    /// # Errors
    ///
    /// [`SettingError`] where the variable is missing or holds no `http` or `https` URL, or where this machine trusts nobody.
    pub fn from_settings(settings: &Settings, name: &str) -> Result<Self, SettingError> {
        let url: Uri = settings.read(name)?;
        let tls = ClientConfig::builder();
        let tls = match url.scheme_str() {
            // Reading the machine's certificates takes time and memory.
            Some("http") => tls.with_root_certificates(RootCertStore::empty()),
            Some("https") => tls
                .with_native_roots()
                .map_err(|e| SettingError::new(name, &format!("is https, and this machine trusts nobody: {e}")))?,
            _ => return Err(SettingError::new(name, "must be a URL that starts with http:// or https://")),
        };
        // They would not be sent, and nobody would know why the call is refused.
        if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(SettingError::new(name, "must hold no user or password"));
        }
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECTED_WITHIN));
        // A delayed acknowledgement would hold a call back for 40 ms.
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls.with_no_client_auth()).https_or_http();
        let client = Client::builder(TokioExecutor::new()).build(connector.enable_http1().wrap_connector(tcp));
        Ok(HttpOutside { url, client })
    }

    async fn exchange(&self, request: Request) -> Result<Response, CallError> {
        let request = HttpRequest::post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("whenever/", env!("CARGO_PKG_VERSION")))
            .header("idempotency-key", request.idempotency_key)
            .body(Full::new(Bytes::from(request.body)))
            .map_err(|e| CallError::Rejected(e.to_string()))?;
        let (parts, mut unread) = self.client.request(request).await.map_err(|e| failure(&e))?.into_parts();
        let mut body = Vec::new();
        // What is longer is left unread; by then the status has said enough.
        while body.len() < MOST_READ {
            let Some(frame) = unread.frame().await else { break };
            body.extend_from_slice(frame.map_err(|e| failure(&e))?.data_ref().map_or(&[], |data| data));
        }
        body.truncate(MOST_READ);
        Ok(Response { status: parts.status.as_u16(), body })
    }
}

impl Outside for HttpOutside {
    fn post(&self, request: Request, within: Duration) -> Pending<'_, Result<Response, CallError>> {
        Box::pin(async move {
            let in_time = tokio::time::timeout(within, self.exchange(request)).await;
            let late = |_| Err(CallError::Unavailable(format!("no answer within {} ms", within.as_millis())));
            in_time.unwrap_or_else(late)
        })
    }
}

/// An answer that is no HTTP would be none again. All else that can go wrong with a connection may heal.
fn failure(e: &(dyn Error + 'static)) -> CallError {
    let causes: Vec<&(dyn Error + 'static)> = successors(Some(e), |&e| e.source()).collect();
    let no_http = causes.iter().any(|e| e.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse));
    let why = causes.iter().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if no_http { CallError::Rejected(format!("the answer is no HTTP: {why}")) } else { CallError::Unavailable(why) }
}

impl std::fmt::Debug for HttpOutside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpOutside").field("url", &self.url).finish_non_exhaustive()
    }
}

//! DynamoDB's HTTP protocol in front of the embedded store.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, header::AUTHORIZATION, header::CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::StoreError;
use super::embedded::Shared;

/// DynamoDB takes requests up to 16 MB.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;
const JSON: &str = "application/x-amz-json-1.0";

/// The running server.
#[derive(Clone)]
pub(super) struct Server(watch::Sender<bool>);

impl Server {
    /// Stops listening and closes connections as they fall idle.
    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Serves the store on a loopback port until it is stopped.
pub(super) async fn serve(store: Arc<Shared>, port: u16) -> Result<(Server, SocketAddr), StoreError> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |error| StoreError::Listen(wanted, error);
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    // An answer that waits for the acknowledgement of the one before it costs 40 ms.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let router = Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_REQUEST)).with_state(store);
    let stop = watch::Sender::new(false);
    let mut stopped = stop.subscribe();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        // An error says that nobody is left who could stop it otherwise.
        drop(stopped.wait_for(|stopped| *stopped).await);
    });
    tokio::spawn(server.into_future());
    Ok((Server(stop), address))
}

async fn answer(State(store): State<Arc<Shared>>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::GET {
        return "healthy".into_response();
    }
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let Some((_, operation)) = target.split_once('.') else {
        return respond(
            StatusCode::BAD_REQUEST,
            r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#.to_owned(),
        );
    };
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Err(denied) = store.authorize(authorization, operation, &body) {
        return respond(StatusCode::BAD_REQUEST, denied.to_json());
    }
    match store.call(operation, &body) {
        Ok(json) => respond(StatusCode::OK, json),
        Err(error) => {
            respond(StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST), error.to_json())
        }
    }
}

fn respond(status: StatusCode, json: String) -> Response {
    (status, [(CONTENT_TYPE, JSON)], Body::from(json)).into_response()
}

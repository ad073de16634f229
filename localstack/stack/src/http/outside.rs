//! `/_local/NAME`: a look at what a stand-in for an outside system was sent, and faults to put on it.

use bytes::Bytes;
use http::{Method, Response, StatusCode};

use super::body::{self, Body, not_allowed, problem};
use crate::outside::{Fault, Server};

/// Answers a call about one stand-in; `rest` is what follows its name.
pub(super) fn handle(server: &Server, method: &Method, path: &str, rest: &[&str], body: &[u8]) -> Response<Body> {
    match (method, rest) {
        (&Method::GET, []) => body::json(StatusCode::OK, &server.show()),
        (&Method::DELETE, []) => {
            server.forget();
            done()
        }
        (&Method::PUT, ["fault"]) => match serde_json::from_slice(body) {
            Ok(fault) => {
                server.set_fault(fault);
                done()
            }
            Err(error) => problem(StatusCode::BAD_REQUEST, &format!("the body is no fault: {error}")),
        },
        (&Method::DELETE, ["fault"]) => {
            server.set_fault(Fault::default());
            done()
        }
        (method, []) => not_allowed(method, path, "GET, DELETE"),
        (method, ["fault"]) => not_allowed(method, path, "PUT, DELETE"),
        _ => problem(StatusCode::NOT_FOUND, &format!("{path} is not there; GET /_local lists what is")),
    }
}

fn done() -> Response<Body> {
    body::answer(StatusCode::NO_CONTENT, "application/json", Bytes::new())
}

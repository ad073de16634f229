//! The stack's addresses: the HTTP API with `/_local` on one port, AWS's Invoke API on another.

mod admission;
mod answer;
mod body;
mod dead_letters;
mod event;
mod gateway;
mod invoke;
mod local;
mod outside;
mod routes;
mod settle;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

use self::admission::Admission;
use crate::function::{Functions, Ids};
use crate::outside::Servers;
use crate::serve::serve;
use crate::stack::Addresses;
use crate::template::{Template, Trigger};
use crate::triggers::Triggers;

/// What the addresses need to answer.
pub(crate) struct Api {
    functions: Functions,
    triggers: Arc<Triggers>,
    routes: routes::Routes,
    /// For `/_local/functions`: each function's routes.
    paths: Vec<(String, String)>,
    store: aws_sdk_dynamodb::Client,
    dead_letters: Option<String>,
    /// Stand-ins for outside systems.
    outside: Servers,
    /// For whoever knows only this one.
    addresses: Addresses,
    ids: Ids,
    /// Lets requests in, those to `/_local` apart.
    admission: Admission,
    /// Requests being answered, those to `/_local` apart.
    requests: AtomicUsize,
}

impl Api {
    pub(crate) fn new(
        template: &Template,
        functions: Functions,
        triggers: Arc<Triggers>,
        outside: Servers,
        store: aws_sdk_dynamodb::Client,
        addresses: Addresses,
        most_requests: usize,
    ) -> Self {
        let paths = template.functions.iter().flat_map(|function| {
            function.triggers.iter().filter_map(|trigger| match trigger {
                Trigger::Http(route) => Some((function.name.clone(), format!("{} {}", route.method, route.path))),
                _ => None,
            })
        });
        Self {
            paths: paths.collect(),
            routes: routes::Routes::new(&template.functions),
            dead_letters: template.dead_letters.clone(),
            ids: Ids::default(),
            admission: Admission::new(most_requests),
            requests: AtomicUsize::new(0),
            functions,
            triggers,
            outside,
            store,
            addresses,
        }
    }

    /// Serves the HTTP API and `/_local`.
    pub(crate) async fn serve_http(self: Arc<Self>, listener: TcpListener) -> Infallible {
        serve(listener, move |request| {
            let api = Arc::clone(&self);
            async move {
                match request.uri().path().strip_prefix(local::ROOT) {
                    Some(rest) if rest.is_empty() || rest.starts_with('/') => local::handle(&api, request).await,
                    _ => gateway::handle(&api, request).await,
                }
            }
        })
        .await
    }

    /// Serves the Invoke API.
    pub(crate) async fn serve_invoke(self: Arc<Self>, listener: TcpListener) -> Infallible {
        serve(listener, move |request| invoke::handle(Arc::clone(&self), request)).await
    }

    /// What invokes a function, for people.
    fn triggers(&self, function: &str) -> Vec<String> {
        let paths = self.paths.iter().filter(|(name, _)| name == function).map(|(_, path)| path.clone());
        paths.chain(self.triggers.describe(function)).collect()
    }

    /// Counts a request as being answered for as long as the result lives.
    fn under_way(self: &Arc<Self>) -> UnderWay {
        self.requests.fetch_add(1, Ordering::SeqCst);
        UnderWay(Arc::clone(self))
    }
}

/// A request that is being answered.
struct UnderWay(Arc<Api>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::SeqCst);
    }
}

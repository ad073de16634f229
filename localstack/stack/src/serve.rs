//! An HTTP/1.1 server on a listener, for the Runtime API, the HTTP API and Invoke.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// So many connections are kept open between requests, and at most half as many as there may be open files; each further one ends
/// with its answer, so that those who keep theirs leave memory and files for the stack's own work.
const KEPT: usize = 8_192;

/// Lets this process have as many open files, and so connections, as the system allows it; many systems begin with 1,024.
pub(crate) fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    // Where that is refused there are fewer.
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).ok();
}

/// How many connections are kept.
fn kept() -> usize {
    let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
    files.map_or(KEPT, |files| KEPT.min(files / 2))
}

/// Serves until dropped; dropping it ends every connection.
pub(crate) async fn serve<H, F, B>(listener: TcpListener, handler: H) -> Infallible
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (mut connections, kept) = (JoinSet::new(), kept());
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors: wait for connections to end rather than spin.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        // Delayed acknowledgements would hold back every second small write for 40 ms.
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let handler = handler.clone();
        let keep = connections.len() < kept;
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let answer = handler(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            // A connection that breaks is the client's affair.
            http1::Builder::new().keep_alive(keep).serve_connection(TokioIo::new(stream), service).await.ok()
        });
    }
}

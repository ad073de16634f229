//! Stand-ins for outside systems: a small HTTP server for each that the template names and nobody has given a URL for. It
//! takes what is posted, shows it, and can be made slow or wrong.

mod fault;
mod received;
mod server;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(crate) use fault::Fault;
pub(crate) use server::Server;

use crate::serve::serve;
use crate::template::OutsideSystem;

/// The stand-ins of a stack, by name.
pub(crate) type Servers = BTreeMap<String, Arc<Server>>;

/// Starts a stand-in for each system whose URL `parameters` does not hold, and puts its URL there.
pub(crate) async fn start(
    systems: &[OutsideSystem],
    parameters: &mut BTreeMap<String, String>,
    tasks: &mut JoinSet<Infallible>,
) -> io::Result<Servers> {
    let mut servers = Servers::new();
    for OutsideSystem { name, parameter } in systems {
        if parameters.contains_key(parameter) {
            continue;
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        parameters.insert(parameter.clone(), format!("http://{}/", listener.local_addr()?));
        let server = Arc::new(Server::default());
        servers.insert(name.clone(), Arc::clone(&server));
        tasks.spawn(serve(listener, move |request| {
            let server = Arc::clone(&server);
            async move { server.answer(request).await }
        }));
    }
    Ok(servers)
}

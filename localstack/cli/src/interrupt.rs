//! Ctrl-C, or a request to terminate.

use std::pin::pin;

use futures_util::FutureExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for them from when it is made.
pub(crate) struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
    came: bool,
}

impl Interrupt {
    pub(crate) fn new() -> Result<Self, String> {
        let listen = |kind| signal(kind).map_err(|error| format!("signals cannot be listened for: {error}"));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            came: false,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        self.came = true;
    }

    /// Whether one has come.
    pub(crate) fn came(&mut self) -> bool {
        self.came || pin!(self.wait()).now_or_never().is_some()
    }
}

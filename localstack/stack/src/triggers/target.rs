//! What triggers invoke: the running functions, or what a test puts in their place.

use bytes::Bytes;

use crate::function::{Functions, InvokeError, Source};

/// Functions, by name.
pub(super) trait Target: Clone + Send + Sync + 'static {
    /// Runs one invocation; payload and answer are raw JSON.
    fn invoke(
        &self,
        function: &str,
        payload: Bytes,
        from: Source,
    ) -> impl Future<Output = Result<Bytes, InvokeError>> + Send;

    /// Waits while the function's triggers are stopped.
    fn until_running(&self, function: &str) -> impl Future<Output = ()> + Send;
}

impl Target for Functions {
    async fn invoke(&self, function: &str, payload: Bytes, from: Source) -> Result<Bytes, InvokeError> {
        self.invoke(function, payload, from).await
    }

    async fn until_running(&self, function: &str) {
        self.until_running(function).await;
    }
}

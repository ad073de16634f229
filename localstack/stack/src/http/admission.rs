//! How much is let in at a time: so many requests, and so many bytes. What comes beyond is refused at once, which costs next to
//! nothing, so that memory stays bounded and those who were let in are answered in time.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::body::read;
use crate::function::PAYLOAD_LIMIT;

/// A body takes a place for each of so many bytes that it begins; one without takes a place as well.
const PLACE: usize = 16 << 10;

/// How long the body of a request that is not let in is waited for.
const MOMENT: Duration = Duration::from_secs(1);

/// The places that there are.
#[derive(Debug)]
pub(super) struct Admission {
    places: usize,
    free: Arc<Semaphore>,
}

/// The places that a request has taken. It gives them back when it is dropped.
#[derive(Debug)]
pub(super) struct Admitted(#[expect(dead_code, reason = "held for what it keeps out")] OwnedSemaphorePermit);

impl Admission {
    /// Lets so many small requests in at a time, at least one, or fewer large ones.
    pub(super) fn new(requests: usize) -> Self {
        let places = requests.clamp(1, Semaphore::MAX_PERMITS);
        Self { places, free: Arc::new(Semaphore::new(places)) }
    }

    /// Lets a request in whose body is not read yet, unless there are too few places left.
    pub(super) fn admit(&self, request: &Request<Incoming>) -> Option<Admitted> {
        // A body that does not say how long it is may become as long as one may be.
        let bytes = request.body().size_hint().upper().and_then(|bytes| usize::try_from(bytes).ok());
        self.take(places(bytes.unwrap_or(PAYLOAD_LIMIT).min(PAYLOAD_LIMIT)))
    }

    fn take(&self, places: usize) -> Option<Admitted> {
        // The largest takes all there are, if they are not enough.
        let places = u32::try_from(places.min(self.places)).ok()?;
        Arc::clone(&self.free).try_acquire_many_owned(places).ok().map(Admitted)
    }
}

/// Reads the body of a request that is not let in, if it is small, so that its connection can be used again.
pub(super) async fn turn_away(request: Request<Incoming>) {
    drop(timeout(MOMENT, read(request.into_body(), PLACE)).await);
}

/// How many places a body takes.
fn places(bytes: usize) -> usize {
    bytes.div_ceil(PLACE).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_small_requests_or_fewer_large_ones() {
        let admission = Admission::new(1_000);
        let small: Vec<_> = (0..1_000).map(|_| admission.take(places(0))).collect();
        assert!(small.iter().all(Option::is_some) && admission.take(places(1)).is_none());
        drop(small);
        let large: Vec<_> = (0..3).map(|_| admission.take(places(PAYLOAD_LIMIT))).collect();
        assert_eq!(large.iter().filter(|large| large.is_some()).count(), 2, "each takes 384");
        assert!(admission.take(places(PLACE)).is_some(), "what is left is for smaller ones");
    }

    #[test]
    fn however_few_places_one_of_any_size_is_let_in() {
        let admission = Admission::new(0);
        let only = admission.take(places(PAYLOAD_LIMIT));
        assert!(only.is_some() && admission.take(places(0)).is_none());
        drop(only);
        assert!(admission.take(places(0)).is_some());
    }
}

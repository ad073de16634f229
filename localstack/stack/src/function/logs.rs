//! The newest output of all functions, in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// Older lines go when the lines kept have more bytes than this.
const KEPT_BYTES: usize = 8 << 20;

/// Longer lines are cut.
const LINE_BYTES: usize = 64 << 10;

/// The newest lines that functions wrote; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Logs(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    ring: Mutex<Ring>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<Line>,
    bytes: usize,
    /// The number of the next line.
    next: u64,
}

#[derive(Debug)]
struct Line {
    function: Arc<str>,
    text: String,
}

impl Logs {
    pub(super) fn push(&self, function: &Arc<str>, text: &str) {
        let cut = text.floor_char_boundary(LINE_BYTES);
        let line = Line { function: Arc::clone(function), text: text[..cut].to_owned() };
        let mut ring = self.0.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.bytes += line.text.len();
        ring.lines.push_back(line);
        ring.next += 1;
        while ring.bytes > KEPT_BYTES
            && let Some(oldest) = ring.lines.pop_front()
        {
            ring.bytes -= oldest.text.len();
        }
        drop(ring);
        self.0.news.notify_waiters();
    }

    /// The lines since line number `from` that a function of this name wrote or that have this text in them, each
    /// ended by a line feed; and the number to go on from.
    pub fn read(&self, from: u64, about: Option<&str>) -> (String, u64) {
        let ring = self.0.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = ring.next - ring.lines.len() as u64;
        let skip = usize::try_from(from.saturating_sub(oldest)).unwrap_or(usize::MAX);
        let mut lines = String::new();
        for line in ring.lines.iter().skip(skip) {
            if about.is_none_or(|about| *line.function == *about || line.text.contains(about)) {
                lines.push_str(&format!("{} {}\n", line.function, line.text));
            }
        }
        (lines, ring.next)
    }

    /// As `read`, but waits until there is something.
    pub async fn follow(&self, mut from: u64, about: Option<&str>) -> (String, u64) {
        loop {
            let news = self.0.news.notified();
            let (lines, next) = self.read(from, about);
            if !lines.is_empty() {
                return (lines, next);
            }
            from = next;
            news.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT_BYTES, Logs};
    use std::sync::Arc;

    #[test]
    fn finds_by_function_and_by_text() {
        let logs = Logs::default();
        logs.push(&Arc::from("place-order"), "order 7 placed");
        logs.push(&Arc::from("relay"), "order 8");
        assert_eq!(logs.read(0, Some("relay")).0, "relay order 8\n");
        assert_eq!(logs.read(0, Some("order 7")), ("place-order order 7 placed\n".to_owned(), 2));
        assert_eq!(logs.read(1, None).0, "relay order 8\n");
        assert_eq!(logs.read(2, None).0, "");
    }

    #[test]
    fn forgets_the_oldest() {
        let logs = Logs::default();
        let name = Arc::from("f");
        let line = "x".repeat(KEPT_BYTES / 4);
        let cut = super::LINE_BYTES;
        for _ in 0..=KEPT_BYTES / cut {
            logs.push(&name, &line);
        }
        let (kept, next) = logs.read(0, None);
        assert_eq!(kept.len(), (KEPT_BYTES / cut) * (cut + 3));
        assert_eq!(next, (KEPT_BYTES / cut + 1) as u64);
    }

    #[tokio::test]
    async fn following_waits_for_a_line_that_fits() {
        let logs = Logs::default();
        let name = Arc::from("f");
        let follower = tokio::spawn({
            let logs = logs.clone();
            async move { logs.follow(0, Some("wanted")).await }
        });
        logs.push(&name, "other");
        tokio::task::yield_now().await;
        logs.push(&name, "wanted");
        assert_eq!(follower.await.unwrap(), ("f wanted\n".to_owned(), 2));
    }
}

//! Points in time as people type them.

use std::time::Duration;

use whenever::ports::Clock as _;
use whenever::{SystemClock, Timestamp};

/// `2026-01-31T12:00:00Z`, or `30s`, `90m`, `2h`, `3d` for so long ago.
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .or_else(|_| ago(text).map(|ago| before(SystemClock.now(), ago)))
        .map_err(|()| "needs a time such as 2026-01-31T12:00:00Z, or 30s, 90m, 2h, 3d for so long ago".to_owned())
}

fn ago(text: &str) -> Result<Duration, ()> {
    let unit = text.chars().next_back().ok_or(())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(()),
    };
    let count: u32 = text[..text.len() - 1].parse().map_err(|_| ())?;
    Ok(Duration::from_secs(u64::from(count) * seconds))
}

fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp::from_millis(now.millis().saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_or_so_long_ago() {
        assert_eq!(instant("2026-01-31T12:00:00Z").unwrap().to_string(), "2026-01-31T12:00:00.000Z");
        assert_eq!(ago("90m"), Ok(Duration::from_secs(5_400)));
        assert!(instant("2h").unwrap() < SystemClock.now());
        for wrong in ["", "h", "2", "2y", "-2h", "yesterday", "2026-01-31", "2한"] {
            assert!(instant(wrong).is_err(), "{wrong} was taken");
        }
    }
}

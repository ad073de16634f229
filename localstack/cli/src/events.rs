//! `whenever events`: follows all events.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Map, Value};
use shop::{CATALOG_EVENTS, COUPON_EVENTS, ORDER_EVENTS};
use whenever::Envelope;

use crate::api::{Api, DEFAULT_URL};
use crate::follow::{Follower, From};
use crate::table::printable;
use crate::terminal::Paint;
use crate::{Outcome, login, terminal};

/// People don't see less.
const PAUSE: Duration = Duration::from_millis(100);

/// What a line says of an event's data, where it is there.
const SHOWN: [&str; 7] = ["customerId", "userId", "status", "reason", "message", "total", "payable"];

/// Prints each event as it comes, until Ctrl-C.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Begin with the oldest event that the broker keeps
    #[arg(long)]
    from_beginning: bool,
    /// The events as they are, one a line
    #[arg(long)]
    json: bool,
    /// The broker; without it that of the stack at --url
    #[arg(long, value_name = "HOST:PORT,...")]
    kafka: Option<String>,
    /// Where the HTTP API answers
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    url: String,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let broker = match args.kafka {
        Some(bootstrap) => login::brokers(bootstrap, String::new())?,
        None => Api::at(&args.url).addresses().await?.broker(),
    };
    let from = if args.from_beginning { From::Beginning } else { From::Now };
    let follower = Follower::start(&broker, &[ORDER_EVENTS, CATALOG_EVENTS, COUPON_EVENTS], from, PAUSE).await?;
    let paint = terminal::stdout();
    loop {
        let record = follower.next().await?;
        let line = if args.json { String::from_utf8_lossy(&record).into_owned() } else { line(&record, paint) };
        let mut stdout = std::io::stdout().lock();
        if writeln!(stdout, "{line}").and_then(|()| stdout.flush()).is_err() {
            // Whoever read this has gone, as in `whenever events | head`.
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Time, type, what it is about, and what matters of the data; or why the record is no event.
fn line(record: &[u8], paint: Paint) -> String {
    match Envelope::decode(record) {
        Ok(event) => {
            let (time, about) = (event.time.to_string(), printable(&event.correlationid));
            let data = said(&event.data);
            format!("{} {:<19} {about}  {}", paint.dim(time), printable(&event.event_type), paint.dim(data))
        }
        Err(why) => format!("{} {why}", paint.red("no event:")),
    }
}

fn said(data: &Map<String, Value>) -> String {
    let shown = SHOWN.iter().filter_map(|name| {
        let value = data.get(*name).filter(|value| !value.is_null())?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(format!("{name}={}", printable(&text)))
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::line;
    use crate::terminal::Paint;

    #[test]
    fn an_event_is_one_line() {
        let event = json!({"specversion": "1.0", "id": "1", "source": "/order", "type": "OrderRejected", "subject": "7",
            "time": "2026-01-31T12:00:00.000Z", "data": {"status": "REJECTED", "reason": "PAYMENT", "customerId": "a\nb"}});
        let expected = "2026-01-31T12:00:00.000Z OrderRejected       7  customerId=a·b status=REJECTED reason=PAYMENT";
        assert_eq!(line(event.to_string().as_bytes(), Paint::plain()), expected);
    }

    #[test]
    fn what_is_no_event_says_why() {
        assert_eq!(line(b"", Paint::plain()), "no event: the record has no value");
    }
}

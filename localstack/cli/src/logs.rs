//! `whenever logs`: what functions print, of one function or about one order.

use std::io::Write as _;
use std::process::ExitCode;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::Method;

use crate::{Outcome, client};

/// Prints what functions print.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only lines of this function, or with this text in them, such as an order's id
    about: Option<String>,
    /// Go on as lines come
    #[arg(long, short)]
    follow: bool,
    /// Where the HTTP API answers
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let wanted = args.about.clone().unwrap_or_default();
    let about = args.about.map(|about| format!("about={}", client::encode(&about)));
    let query: Vec<String> = about.into_iter().chain(args.follow.then(|| "follow".to_owned())).collect();
    let url = format!("{}/_local/logs?{}", args.url.trim_end_matches('/'), query.join("&"));
    let response = client::succeeded(client::send(Method::GET, &url, Bytes::new()).await?).await?;
    let mut body = response.into_body();
    let mut silent = true;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| format!("the stack ended: {error}"))?;
        let Some(lines) = frame.data_ref() else { continue };
        silent &= lines.is_empty();
        let mut stdout = std::io::stdout().lock();
        if stdout.write_all(lines).and_then(|()| stdout.flush()).is_err() {
            // Whoever read this has gone, as in `whenever logs | head`.
            break;
        }
    }
    if silent {
        eprintln!("nothing is logged about {}", if wanted.is_empty() { "anything yet" } else { &wanted });
    }
    Ok(ExitCode::SUCCESS)
}

//! `whenever demo`: starts a stack of its own, and plays the tutorials' orders on it.

mod play;
mod scene;
mod scenes;
mod typed;

use std::process::ExitCode;
use std::time::Duration;

use localstack::Stack;

use crate::api::Api;
use crate::table::{Cell, Side, Table, Tone};
use crate::terminal::outln;
use crate::timeline::Standing;
use crate::{Outcome, terminal, up};
use play::{Played, Stage};
use scenes::SCENES;

/// Plays the tutorials' orders on a stack of its own and draws each one's timeline. Ends with status 0 if all went as
/// they should.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Port of the HTTP API; 0 takes any
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port of AWS's Invoke API; 0 takes any
    #[arg(long, default_value_t = 0)]
    lambda_port: u16,
    /// How long an order may stay pending
    #[arg(long, value_name = "SECONDS", value_parser = up::seconds, default_value = "3")]
    deadline: f64,
    /// How often orders past their deadline are looked for
    #[arg(long, value_name = "SECONDS", value_parser = up::seconds, default_value = "0.5")]
    sweep_interval: f64,
    /// Take the functions as they were built last
    #[arg(long)]
    no_build: bool,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let deadline = Duration::from_secs_f64(args.deadline);
    let up = up::Args {
        port: args.port,
        lambda_port: args.lambda_port,
        deadline: Some(args.deadline),
        sweep_interval: Some(args.sweep_interval),
        no_build: args.no_build,
        ..up::Args::default()
    };
    let stack = Stack::start(up.options()).await.map_err(|error| error.to_string())?;
    let played = play_all(&stack.addresses().api, deadline).await;
    stack.stop().await;
    Ok(conclude(&played?))
}

async fn play_all(url: &str, deadline: Duration) -> Result<Vec<Played>, String> {
    let paint = terminal::stdout();
    let port = url.rsplit(':').next().unwrap_or_default();
    let api = Api::at(url);
    let stage = Stage { api: &api, port, deadline, paint };
    let mut played = Vec::new();
    for (number, scene) in (1..).zip(SCENES) {
        outln!("\n{} {}", paint.bold(format!("{number}. {}", scene.title)), paint.dim("─".repeat(8)));
        outln!("{}\n", paint.dim(format!("   {}", scene.shows)));
        played.push(stage.play(scene).await?);
    }
    Ok(played)
}

/// All orders in one table, and what went wrong.
fn conclude(played: &[Played]) -> ExitCode {
    let paint = terminal::stdout();
    let mut table = Table::new(&[("", Side::Right), ("order", Side::Left), ("ended", Side::Left), ("", Side::Left)]);
    for ((number, scene), played) in (1..).zip(SCENES).zip(played) {
        let standing = Standing::of(played.order.status, played.order.reason.as_deref());
        let right = played.differences.is_empty();
        table.row([
            i32::to_string(&number).into(),
            scene.title.into(),
            Cell::toned(standing.text(), standing.tone()),
            if right { Cell::toned("✓", Tone::Good) } else { Cell::toned("✗", Tone::Bad) },
        ]);
    }
    outln!("\n{}\n\n{}", paint.bold("What happened"), table.draw("   ", paint));
    let wrong: Vec<_> = (1..).zip(played).filter(|(_, played)| !played.differences.is_empty()).collect();
    if wrong.is_empty() {
        outln!("   All {} orders ended as they should. To order yourself:", played.len());
        outln!("   cargo run                      keeps a stack up");
        outln!("   cargo run -- orders ID         draws any order's timeline");
        outln!("   cargo run -- events            follows the events");
        outln!("   docs/adding-a-policy.md        adds a policy of your own");
        return ExitCode::SUCCESS;
    }
    for (number, played) in wrong {
        for difference in &played.differences {
            let text = format!("{number}. {}: {difference}", played.order.order_id);
            eprintln!("{} {text}", terminal::stderr().red("not as it should be:"));
        }
    }
    ExitCode::FAILURE
}

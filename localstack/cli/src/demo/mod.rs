//! `whenever demo`: starts a stack of its own, and plays the tutorials on it.

mod chapters;
mod duplicate;
mod lists;
mod look;
mod names;
mod play;
mod scene;
mod typed;

use std::process::ExitCode;
use std::time::Duration;

use localstack::{Addresses, Stack};

use crate::api::Api;
use crate::table::{Cell, Side, Table, Tone};
use crate::terminal::outln;
use crate::{Outcome, terminal, up};
use chapters::CHAPTERS;
use play::{Play, Played, Stage};
use scene::{Chapter, Scene};

/// How long an order may stay pending where a chapter is played for itself: as in the tutorials.
const DEADLINE: f64 = 5.0;

/// The same where all chapters are played, so that nobody waits long.
const SHORT_DEADLINE: f64 = 3.0;

/// As the last tutorial has it: every chapter ends the same, however many partitions there are.
const PARTITIONS: &str = "2";

/// Plays the tutorials on a stack of its own: what to type, what comes of it, and whether that is as it should be. Ends
/// with status 0 if all of it is.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The chapters to play; without any, all of them
    #[arg(value_enum, value_name = "CHAPTER")]
    chapters: Vec<Chapter>,
    /// Port of the HTTP API; 0 takes any
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port of AWS's Invoke API; 0 takes any
    #[arg(long, default_value_t = 0)]
    lambda_port: u16,
    /// How long an order may stay pending; what sleeps in a chapter sleeps twice as long. Without it 5, or 3 where all
    /// chapters are played
    #[arg(long, value_name = "SECONDS", value_parser = up::seconds)]
    deadline: Option<f64>,
    /// How often orders past their deadline are looked for
    #[arg(long, value_name = "SECONDS", value_parser = up::seconds, default_value = "0.5")]
    sweep_interval: f64,
    /// Take the functions as they were built last
    #[arg(long)]
    no_build: bool,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let usual = if args.chapters.is_empty() { SHORT_DEADLINE } else { DEADLINE };
    let deadline = args.deadline.unwrap_or(usual);
    let wanted =
        |chapter: &&Chapter| args.chapters.is_empty() || args.chapters.iter().any(|wanted| wanted.name == chapter.name);
    // In the tutorials' own order, each once: the first chapter gives its product an id that the shop's counter then skips.
    let chapters: Vec<&Chapter> = CHAPTERS.iter().filter(wanted).collect();
    let up = up::Args {
        port: args.port,
        lambda_port: args.lambda_port,
        deadline: Some(deadline),
        sweep_interval: Some(args.sweep_interval),
        no_build: args.no_build,
        ..up::Args::default()
    };
    let mut options = up.options();
    options.parameters.insert("OrderPartitions".to_owned(), PARTITIONS.to_owned());
    let stack = Stack::start(options).await.map_err(|error| error.to_string())?;
    let played = play_all(&chapters, stack.addresses(), Duration::from_secs_f64(deadline)).await;
    stack.stop().await;
    Ok(conclude(&played))
}

/// A scene with its number, and what became of it.
struct Line {
    number: String,
    scene: &'static Scene,
    played: Played,
}

async fn play_all(chapters: &[&'static Chapter], addresses: &Addresses, deadline: Duration) -> Vec<Line> {
    let paint = terminal::stdout();
    let port = addresses.api.rsplit(':').next().unwrap_or_default();
    let api = Api::at(&addresses.api);
    let stage = Stage { api: &api, broker: &addresses.kafka, port, deadline, paint };
    let mut lines = Vec::new();
    for chapter in chapters {
        outln!("\n{} {}", paint.bold(format!("{}: {}", chapter.name, chapter.title)), paint.dim("═".repeat(8)));
        let mut play = Play::new(&stage);
        for (n, scene) in (1..).zip(chapter.scenes) {
            let number = format!("{} {n}", chapter.name);
            outln!("\n{}", paint.bold(format!("{number}. {}", scene.title)));
            outln!("{}\n", paint.dim(format!("   {}", scene.shows)));
            let broke_off = play.scene(scene).await.err();
            let stop = broke_off.is_some();
            lines.push(Line { number, scene, played: play.conclude(broke_off) });
            if stop {
                // Later scenes rest on this one, and would only say so.
                return lines;
            }
        }
    }
    lines
}

/// All scenes in one table, and what went wrong.
fn conclude(lines: &[Line]) -> ExitCode {
    let paint = terminal::stdout();
    let mut table =
        Table::new(&[("", Side::Left), ("scene", Side::Left), ("orders ended", Side::Left), ("", Side::Left)]);
    for Line { number, scene, played } in lines {
        let right = played.differences.is_empty();
        table.row([
            number.as_str().into(),
            scene.title.into(),
            played.ended.join(", ").into(),
            if right { Cell::toned("✓", Tone::Good) } else { Cell::toned("✗", Tone::Bad) },
        ]);
    }
    outln!("\n{}\n\n{}", paint.bold("What happened"), table.draw("   ", paint));
    let wrong: Vec<_> = lines.iter().filter(|line| !line.played.differences.is_empty()).collect();
    if wrong.is_empty() {
        outln!("   All {} scenes ended as they should. To go on:", lines.len());
        outln!("   docs/tutorials.md              what each chapter shows, and what it settles");
        outln!("   cargo run                      keeps a stack up");
        outln!("   cargo run -- orders ID         draws any order's timeline");
        outln!("   cargo run -- events            follows the events");
        outln!("   docs/adding-a-policy.md        adds a policy of your own");
        return ExitCode::SUCCESS;
    }
    for Line { number, played, .. } in wrong {
        for difference in &played.differences {
            eprintln!("{} {number}. {difference}", terminal::stderr().red("not as it should be:"));
        }
    }
    ExitCode::FAILURE
}

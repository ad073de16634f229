//! `whenever dead-letters`: records that were given up; looks at them, redrives and discards them.

mod discard;
mod list;
mod redrive;
mod select;
mod show;

use whenever::{Letter, Letterbox};

use crate::Outcome;
use crate::deployment::{Deployment, Opened};
use select::Selection;

/// Shows the records that policies have given up, hands them to their policies again, or discards them.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: list::Args,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List them, oldest first (also without a command)
    List(list::Args),
    /// Everything that is known of each, with the record as it came
    Show(show::Args),
    /// Hand them to their policies again, oldest first, and take out those that succeed
    Redrive(redrive::Args),
    /// Take them out for good
    Discard(discard::Args),
}

pub(crate) async fn run(args: Args) -> Outcome {
    match args.command.unwrap_or(Command::List(args.list)) {
        Command::List(args) => list::run(args).await,
        Command::Show(args) => show::run(args).await,
        Command::Redrive(args) => redrive::run(args).await,
        Command::Discard(args) => discard::run(args).await,
    }
}

/// The letters that a command is about, oldest first, and where they are.
struct Found {
    deployment: Opened,
    letterbox: Letterbox,
    letters: Vec<Letter>,
    /// With those that it is not about.
    all: Vec<Letter>,
}

impl Found {
    async fn new(deployment: &Deployment, selection: &Selection) -> Result<Self, String> {
        let deployment = deployment.open().await?;
        let letterbox = Letterbox::of(deployment.store()?);
        let all = letterbox.letters(None).await.map_err(|e| e.to_string())?;
        let letters = selection.of(all.clone(), &deployment.functions)?;
        Ok(Self { deployment, letterbox, letters, all })
    }
}

/// A record's key as people read it.
fn key(letter: &Letter) -> String {
    letter.record.key.as_deref().map(|key| String::from_utf8_lossy(key).into_owned()).unwrap_or_default()
}

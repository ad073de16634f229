//! `whenever dead-letters discard`: takes letters out for good.

use std::process::ExitCode;

use whenever::Removal;

use super::list::table;
use super::{Found, Selection};
use crate::deployment::Deployment;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::terminal::{out, outln};
use crate::{Outcome, confirm, terminal};

/// Takes letters out for good: their records will never have an effect. Where later ones of a key waited behind one, they do no more.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    confirm: confirm::Args,
    #[command(flatten)]
    deployment: Deployment,
}

pub(crate) async fn run(args: Args) -> Outcome {
    let mut interrupt = Interrupt::new()?;
    let Found { letterbox, letters, all, .. } = Found::new(&args.deployment, &args.selection).await?;
    if letters.is_empty() {
        outln!("no dead letters");
        return Ok(ExitCode::SUCCESS);
    }
    out!("{}", table(&letters).draw("", terminal::stdout()));
    if !args.confirm.agreed(&format!("{} records are discarded for good", letters.len()))? {
        return Ok(ExitCode::SUCCESS);
    }
    let mut progress = Progress::new();
    let (mut gone, mut kept) = (0, 0);
    for letter in &letters {
        if interrupt.came() {
            break;
        }
        match letterbox.remove(letter, &all).await.map_err(|e| e.to_string())? {
            Removal::Gone | Removal::Changed(None) => gone += 1,
            Removal::Changed(Some(_)) => {
                progress.say(&format!("{} stays: it has been given up again meanwhile", letter.name()));
                kept += 1;
            }
        }
        progress.at(&format!("{gone} of {} discarded", letters.len()));
    }
    progress.end();
    let left = letters.len() - gone;
    outln!("{gone} discarded{}", if left == 0 { String::new() } else { format!(", {left} left; run it again") });
    Ok(if left == kept && kept == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

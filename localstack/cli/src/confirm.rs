//! Nothing is changed before it has been said and agreed to.

use std::io::{IsTerminal as _, Write as _};

use crate::terminal::{self, outln};

/// Whether to ask, or only to say.
#[derive(clap::Args, Debug, Clone, Copy, Default)]
#[group(skip)]
pub(crate) struct Args {
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Do it without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
}

impl Args {
    /// Says what will be done, and answers whether to do it.
    pub(crate) fn agreed(self, what: &str) -> Result<bool, String> {
        if self.dry_run {
            outln!("{what}: not done, this is a dry run");
            return Ok(false);
        }
        if self.yes {
            outln!("{what}");
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            return Err(format!("{what}; nobody is here to be asked: say --yes, or --dry-run to see only"));
        }
        eprint!("{}. Go on? [y/N] ", terminal::stderr().bold(what));
        std::io::stderr().flush().ok();
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(|e| format!("the answer cannot be read: {e}"))?;
        let agreed = matches!(answer.trim(), "y" | "Y" | "yes");
        if !agreed {
            outln!("nothing was done");
        }
        Ok(agreed)
    }
}

//! Carrying one command out for a caller who waits for its outcome.

use crate::command::{Access, AggregateKey};
use crate::commit::{CommitError, Committer, rests_on_several};
use crate::outbox::Cause;
use crate::{Command, Invocation, Refusal, World};

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NotExecuted {
    Refused(Refusal),
    /// It may be carried out later; it may even have been.
    Unavailable(String),
    /// The store cannot write it.
    Impossible(String),
}

/// Loads, executes and commits, again and again while others win the race and there is time. Answers the world after the commit. The
/// cause is asked for again whenever the world has changed.
pub(super) async fn execute(
    command: &dyn Command,
    cause: impl Fn(&World) -> Cause,
    invocation: &Invocation,
) -> Result<World, NotExecuted> {
    let committer = Committer::of(invocation);
    let touches = command.touches().0;
    let mut world = World::new();
    world.admit(&touches);
    let wanted: Vec<AggregateKey> =
        touches.iter().filter(|touch| touch.access == Access::Load).map(|touch| touch.key.clone()).collect();
    let items = committer.load(&wanted).await?;
    for (key, item) in wanted.iter().zip(items) {
        world.fill(key, item).map_err(CommitError::from)?;
    }
    let mut attempt = 0;
    loop {
        if let Err(refusal) = world.stage(command, &cause(&world), invocation.platform.clock.now()) {
            if rests_on_several(&touches) && committer.catch_up(&mut world, &touches).await? {
                continue;
            }
            return Err(NotExecuted::Refused(refusal));
        }
        world.keep();
        match committer.commit(&mut world).await {
            Ok(()) => return Ok(world),
            // The answer to an earlier attempt was lost, and it has happened.
            Err(CommitError::Stale { .. }) if world.holds_write_of(&cause(&world)) => return Ok(world),
            Err(e @ CommitError::Terminal(_)) => return Err(e.into()),
            Err(e) if committer.is_over() => return Err(e.into()),
            Err(e) => {
                attempt += 1;
                // A lost race has brought the item that won it: the first repetition need not wait.
                if attempt > 1 && !committer.wait(attempt - 1).await {
                    return Err(e.into());
                }
            }
        }
    }
}

impl From<CommitError> for NotExecuted {
    fn from(e: CommitError) -> Self {
        match e {
            CommitError::Terminal(why) => NotExecuted::Impossible(why),
            CommitError::Stale { .. } | CommitError::Retryable(_) => NotExecuted::Unavailable(e.to_string()),
        }
    }
}

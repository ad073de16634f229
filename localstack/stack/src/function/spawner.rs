//! Starts child processes that cannot outlive this one.

use std::io;
use std::thread;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

type Order = (Command, oneshot::Sender<io::Result<Child>>);

/// A thread that starts processes. The kernel kills them when it ends: with the last `Spawner`, or with this process,
/// however that dies.
#[derive(Debug, Clone)]
pub struct Spawner(mpsc::UnboundedSender<Order>);

impl Spawner {
    /// Starts the thread; to be called within a Tokio runtime.
    pub fn start() -> io::Result<Self> {
        let (orders, mut queue) = mpsc::unbounded_channel::<Order>();
        let runtime = Handle::current();
        thread::Builder::new().name("spawner".to_owned()).spawn(move || {
            let _runtime = runtime.enter();
            while let Some((mut command, reply)) = queue.blocking_recv() {
                die_with_this_thread(&mut command);
                reply.send(command.kill_on_drop(true).spawn()).ok();
            }
        })?;
        Ok(Self(orders))
    }

    /// Starts one process.
    pub async fn spawn(&self, command: Command) -> io::Result<Child> {
        let (reply, child) = oneshot::channel();
        let gone = || io::Error::other("the spawner has ended");
        self.0.send((command, reply)).map_err(|_| gone())?;
        child.await.map_err(|_| gone())?
    }
}

/// Has the kernel kill the child when the thread that starts it ends. Only a thread that lives as long as the stack may
/// therefore start children: a worker of the runtime's blocking pool ends when it was idle for a while.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn die_with_this_thread(command: &mut Command) {
    use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};

    let parent = getpid();
    let die_with_parent = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the signal was set; then nobody would ever send it.
        if getppid() == Some(parent) { Ok(()) } else { Err(io::Error::other("the parent is gone")) }
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed: these are two system calls, and an
    // error made of a literal is only built where the child is about to exit.
    unsafe {
        command.pre_exec(die_with_parent);
    }
}

/// Elsewhere a function ends because its next call of the Runtime API fails.
#[cfg(not(target_os = "linux"))]
fn die_with_this_thread(_command: &mut Command) {}

//! A schedule: invokes a sweep every minute, for a minute.

use std::rc::Rc;
use std::time::Duration;

use super::Scene;
use crate::simulation::faults::Fault;
use crate::simulation::function::{Function, Host};

const MINUTE: Duration = Duration::from_secs(60);

/// Fires every minute, for ever. The sweep that was started before may still run.
pub(in crate::simulation) async fn sweep_every_minute(scene: Scene, host: Rc<Host>) {
    let core = &scene.core;
    loop {
        scene.spawner.spawn(sweep(host.clone()));
        if core.strikes(Fault::Sweeps) {
            scene.spawner.spawn(sweep(host.clone()));
        }
        core.sleep(MINUTE).await;
    }
}

async fn sweep(host: Rc<Host>) {
    let run = async |function: &Function, invocation: crate::Invocation| {
        if let Function::Sweep(sweep) = function {
            let end = invocation.platform.clock.now().plus(MINUTE);
            // What a sweep does not find, the next one does.
            let _ = sweep.run(Some(end), &invocation).await;
        }
    };
    host.invoke(run).await;
}

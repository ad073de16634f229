//! From a run that fails to a shorter one that fails too.

use whenever::simulation::{Fault, Faults};

use crate::deployment::Deployment;
use crate::segment::Segment;

/// How many other seeds are tried with fewer orders: another seed may fail sooner.
const SEEDS: u64 = 40;

/// The shortest failing run that was found: fewer orders first, then fewer kinds of faults, then fewer orders again.
pub(crate) fn shrink(segment: Segment, deployment: &Deployment) -> Result<Segment, String> {
    let fewer = with_fewer_orders(segment, deployment)?;
    let simpler = with_fewer_faults(fewer, deployment)?;
    with_fewer_orders(simpler, deployment)
}

fn fails(segment: &Segment, deployment: &Deployment) -> Result<bool, String> {
    Ok(!segment.run(deployment, false)?.verdict.violations.is_empty())
}

fn with_fewer_orders(mut segment: Segment, deployment: &Deployment) -> Result<Segment, String> {
    'fewer: while segment.orders > 1 {
        let orders = segment.orders / 2;
        for offset in 0..SEEDS {
            let tried = Segment { orders, seed: segment.seed.wrapping_add(offset), ..segment.clone() };
            if fails(&tried, deployment)? {
                segment = tried;
                continue 'fewer;
            }
        }
        break;
    }
    Ok(segment)
}

fn with_fewer_faults(mut segment: Segment, deployment: &Deployment) -> Result<Segment, String> {
    for fault in Fault::ALL {
        let faults: Faults = segment.faults.clone().without(fault);
        let tried = Segment { faults, ..segment.clone() };
        if fails(&tried, deployment)? {
            segment = tried;
        }
    }
    Ok(segment)
}

//! One run: so many orders, one seed, one verdict.

use std::rc::Rc;
use std::time::Duration;

use whenever::simulation::{Fault, Faults, Random, Sabotage, Setup};

use crate::bystanders::{Poison, poison, visit};
use crate::customer::{Accepted, order};
use crate::deployment::{DEADLINES, Deployment};
use crate::goods::Goods;
use crate::verdict::{Verdict, judge};

/// What a run is made from. The same segment always runs the same.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// How many orders are placed.
    pub orders: usize,
    /// What may go wrong.
    pub faults: Faults,
    /// What is broken on purpose.
    pub sabotage: Option<Sabotage>,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    /// Over everything that happened.
    pub(crate) hash: u64,
    pub(crate) lines: usize,
    /// What went wrong on purpose.
    pub(crate) faults: Faults,
    pub(crate) verdict: Verdict,
    /// What happened to whatever the violations name, where it was kept.
    pub(crate) history: Vec<String>,
}

impl Segment {
    /// Runs it.
    pub(crate) fn run(&self, deployment: &Deployment, keep_history: bool) -> Result<Ran, String> {
        let setup = Setup { seed: self.seed, faults: self.faults.clone(), sabotage: self.sabotage, keep_history };
        // Another stream than the simulation's own: what there is does not depend on what goes wrong.
        let mut random = Random::new(!self.seed);
        let partitions = usize::try_from(random.between(1, 3)).unwrap_or(1);
        let deadline = *random.pick(&DEADLINES);
        let mut simulation = deployment.simulation(&setup, deadline, partitions)?;
        let client = simulation.client();
        let (goods, calls) = Goods::drawn(&mut random, self.orders);
        let goods = Rc::new(goods);
        for call in calls {
            let client = client.clone();
            simulation.spawn(async move {
                let _under_way = client.under_way();
                call.make(&client).await;
            });
        }
        let (accepted, poisoned) = (Accepted::default(), Poison::default());
        let begin = Duration::from_secs(1);
        let each = random.span(Duration::from_millis(2), Duration::from_millis(60));
        let time = begin + Duration::from_secs(2) + each * u32::try_from(self.orders).unwrap_or(u32::MAX);
        for number in 0..self.orders {
            let wait = random.span(begin, time);
            simulation.spawn(order(client.clone(), goods.clone(), accepted.clone(), wait));
            if number % 2 == 0 {
                let wait = random.span(begin, time);
                simulation.spawn(visit(client.clone(), goods.clone(), wait));
            }
            if simulation.faults().has(Fault::Poison) && random.chance(0.01) {
                let wait = random.span(begin, time);
                simulation.spawn(poison(client.clone(), poisoned.clone(), wait));
            }
        }
        let settled = simulation.run(time + Duration::from_secs(5));
        let mut verdict = judge(&simulation, &accepted.borrow(), &poisoned.borrow());
        verdict.violations.extend(settled.err().map(|error| error.to_string()));
        let names: Vec<String> = verdict.violations.iter().take(1).flat_map(|violation| names(violation)).collect();
        let history = simulation.history();
        Ok(Ran {
            hash: history.hash(),
            lines: history.lines(),
            faults: simulation.faults().clone(),
            history: history.about(&names).into_iter().map(str::to_owned).collect(),
            verdict,
        })
    }
}

/// What a violation is about: ids have digits in them.
fn names(violation: &str) -> Vec<String> {
    let words = violation.split([' ', ',']).filter(|word| word.len() > 3);
    words.filter(|word| word.contains(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

//! What goes wrong in a simulation, and how often.

use std::fmt;

use super::random::Random;

/// A kind of fault. Which of them a run has, and how often, its seed decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A trigger forgets that it has delivered a batch.
    Duplicates,
    /// Records come again long after.
    Replays,
    /// A function's process dies between any two of its calls, or between a call's effect and its answer.
    Crashes,
    /// An answer to a call does not arrive; the call has had its effect.
    LostAnswers,
    /// A call has its effect long after its caller has given up.
    LateEffects,
    /// The table store refuses calls for now.
    Throttling,
    /// Another transaction holds an item.
    Conflicts,
    /// The items of one read are read at different moments.
    TornReads,
    /// An index shows what was, for seconds.
    StaleIndexes,
    /// Stream records arrive late, and those of one transaction apart.
    SplitStreams,
    /// More than one sweep runs at a time.
    Sweeps,
    /// Processes disagree about the time.
    Skew,
    /// A topic is given more partitions.
    Growth,
    /// A function cannot be invoked for a while.
    Outages,
    /// The broker cannot be reached for a while.
    BrokerOutages,
    /// Some functions and some calls are slow.
    Slowness,
    /// Failed records are tried again beside later ones of their key.
    LaterFirst,
    /// Records that nobody can read, or that contradict the state.
    Poison,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 18] = [
        Fault::Duplicates,
        Fault::Replays,
        Fault::Crashes,
        Fault::LostAnswers,
        Fault::LateEffects,
        Fault::Throttling,
        Fault::Conflicts,
        Fault::TornReads,
        Fault::StaleIndexes,
        Fault::SplitStreams,
        Fault::Sweeps,
        Fault::Skew,
        Fault::Growth,
        Fault::Outages,
        Fault::BrokerOutages,
        Fault::Slowness,
        Fault::LaterFirst,
        Fault::Poison,
    ];

    /// How often it strikes where it may, in a run that has it at its most.
    fn most(self) -> f64 {
        match self {
            Fault::Replays | Fault::Crashes | Fault::LateEffects | Fault::Conflicts => 0.03,
            Fault::Duplicates | Fault::LostAnswers | Fault::Throttling | Fault::Slowness => 0.08,
            Fault::TornReads | Fault::StaleIndexes | Fault::SplitStreams | Fault::Skew | Fault::LaterFirst => 1.0,
            Fault::Sweeps | Fault::Growth | Fault::Outages | Fault::BrokerOutages | Fault::Poison => 0.5,
        }
    }
}

/// How often each kind of fault strikes.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    rates: [f64; Fault::ALL.len()],
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Faults { rates: [0.0; Fault::ALL.len()] }
    }

    /// Everything does.
    #[must_use]
    pub fn all() -> Self {
        Faults { rates: Fault::ALL.map(Fault::most) }
    }

    /// Some kinds, each more or less often: runs that have everything at once never get far into any of it.
    pub(super) fn drawn(&self, random: &mut Random) -> Self {
        Faults { rates: self.rates.map(|most| if random.chance(0.6) { most * random.share() } else { 0.0 }) }
    }

    /// The same without one kind.
    #[must_use]
    pub fn without(mut self, fault: Fault) -> Self {
        self.rates[fault as usize] = 0.0;
        self
    }

    /// Whether there is any of a kind.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.rate(fault) > 0.0
    }

    pub(super) fn rate(&self, fault: Fault) -> f64 {
        self.rates[fault as usize]
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> =
            Fault::ALL.into_iter().filter(|fault| self.has(*fault)).map(|fault| format!("{fault:?}")).collect();
        if names.is_empty() { f.write_str("none") } else { f.write_str(&names.join(", ")) }
    }
}

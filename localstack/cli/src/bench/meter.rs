//! What the functions and the stack have used: CPU, memory, and the store's units.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::interval;

use super::process::{self, Usage};
use crate::api::Api;

/// Processes come and go: what one used between two looks, the last before its end, is not seen.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// A function as the stack tells of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Function {
    pub(super) name: String,
    pids: Vec<u32>,
    pub(super) invocations: u64,
    pub(super) billed_ms: u64,
    pub(super) log_bytes: u64,
    /// Sums over its log lines.
    pub(super) totals: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct Functions {
    functions: Vec<Function>,
}

/// Counts since it was made.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    api: Api,
    stack: u32,
    seen: Arc<Mutex<Seen>>,
}

/// By name of function; the stack itself is under [`STACK`].
#[derive(Debug, Default)]
struct Seen {
    processes: BTreeMap<u32, Process>,
    peak_kib: BTreeMap<String, u64>,
    functions_peak_kib: u64,
}

#[derive(Debug)]
struct Process {
    name: String,
    first: Usage,
    last: Usage,
}

/// No function's name.
const STACK: &str = "(stack)";

/// CPU time and the most memory used at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Used {
    pub(super) cpu_ms: u64,
    pub(super) peak_kib: u64,
}

/// The functions with their counts.
pub(super) async fn functions(api: &Api) -> Result<Vec<Function>, String> {
    let Functions { functions } = api.get("/_local/functions").await?;
    Ok(functions)
}

impl Meter {
    /// A meter that has taken its first look.
    pub(super) async fn start(api: Api) -> Result<(Self, Vec<Function>), String> {
        let stack = api.addresses().await?.pid;
        let meter = Self { api, stack, seen: Arc::default() };
        let functions = meter.look().await?;
        Ok((meter, functions))
    }

    /// Looks again and again; ends only with an error.
    pub(super) async fn keep_looking(self) -> String {
        let mut again = interval(BETWEEN_LOOKS);
        loop {
            again.tick().await;
            if let Err(error) = self.look().await {
                return error;
            }
        }
    }

    /// Notes what is used now; the functions with their counts.
    pub(super) async fn look(&self) -> Result<Vec<Function>, String> {
        let functions = functions(&self.api).await?;
        let first = self.seen().processes.is_empty();
        let owned =
            functions.iter().flat_map(|function| function.pids.iter().map(|pid| (*pid, function.name.as_str())));
        let looked = owned.chain([(self.stack, STACK)]);
        let looked: Vec<_> = looked.filter_map(|(pid, name)| Some((pid, name, process::usage(pid)?))).collect();
        self.seen().note(first, &looked);
        Ok(functions)
    }

    /// What a function has used.
    pub(super) fn function(&self, name: &str) -> Used {
        let seen = self.seen();
        Used { cpu_ms: seen.cpu_ms(|owner| owner == name), peak_kib: seen.peak_kib.get(name).copied().unwrap_or(0) }
    }

    /// What all functions have used together.
    pub(super) fn functions(&self) -> Used {
        let seen = self.seen();
        Used { cpu_ms: seen.cpu_ms(|owner| owner != STACK), peak_kib: seen.functions_peak_kib }
    }

    /// What the stack has used, with its broker and its store.
    pub(super) fn stack(&self) -> Used {
        self.function(STACK)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// Takes a look's findings. What processes had used at the first look does not count; a later one counts whole.
    fn note(&mut self, first_look: bool, looked: &[(u32, &str, Usage)]) {
        let mut now: BTreeMap<&str, u64> = BTreeMap::new();
        for (pid, name, usage) in looked {
            *now.entry(name).or_default() += usage.pss_kib;
            let process = self.processes.entry(*pid).or_insert_with(|| Process {
                name: (*name).to_owned(),
                first: if first_look { *usage } else { Usage::default() },
                last: *usage,
            });
            process.last = *usage;
        }
        let functions: u64 = now.iter().filter(|(name, _)| **name != STACK).map(|(_, kib)| kib).sum();
        self.functions_peak_kib = self.functions_peak_kib.max(functions);
        for (name, kib) in now {
            let peak = self.peak_kib.entry(name.to_owned()).or_default();
            *peak = kib.max(*peak);
        }
    }

    fn cpu_ms(&self, wanted: impl Fn(&str) -> bool) -> u64 {
        let wanted = self.processes.values().filter(|process| wanted(&process.name));
        wanted.map(|process| process.last.cpu_ms.saturating_sub(process.first.cpu_ms)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_come_and_go_count() {
        let usage = |cpu_ms, pss_kib| Usage { cpu_ms, pss_kib };
        let mut seen = Seen::default();
        seen.note(true, &[(1, STACK, usage(900, 5000)), (2, "a", usage(100, 10))]);
        seen.note(false, &[(1, STACK, usage(950, 4000)), (2, "a", usage(130, 20)), (3, "a", usage(40, 7))]);
        seen.note(false, &[(1, STACK, usage(980, 4500)), (3, "a", usage(45, 8)), (4, "b", usage(5, 1))]);
        assert_eq!(seen.cpu_ms(|name| name == STACK), 80);
        assert_eq!(seen.cpu_ms(|name| name == "a"), 75);
        assert_eq!(seen.cpu_ms(|name| name != STACK), 80);
        assert_eq!((seen.peak_kib["a"], seen.functions_peak_kib, seen.peak_kib[STACK]), (27, 27, 5000));
    }
}

//! How much memory a stack needs.

use std::fs::read_to_string;

use crate::Shop;

impl Shop {
    /// The most memory that the stack's process and those of its functions have had, each at its own time, in KiB; nothing of
    /// processes that have ended, and nothing at all where there is no `/proc`.
    pub async fn peak_memory(&self) -> u64 {
        let functions = self.functions().await;
        let pids = functions.iter().flat_map(|function| function["pids"].as_array().cloned().unwrap_or_default());
        let stack = u64::from(self.stage.addresses().pid);
        pids.filter_map(|pid| pid.as_u64()).chain([stack]).filter_map(peak).sum()
    }
}

/// A process's peak resident set in KiB.
fn peak(pid: u64) -> Option<u64> {
    let status = read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

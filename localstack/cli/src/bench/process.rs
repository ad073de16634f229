//! What a process has used, as Linux counts it.

use std::fs::read_to_string;

/// Linux reports CPU time to user space in hundredths of a second, whatever the kernel's own tick.
const MS_PER_TICK: u64 = 10;

/// CPU time and memory of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) cpu_ms: u64,
    /// Proportional set size: pages shared with others count in parts.
    pub(super) pss_kib: u64,
}

/// What a process has used so far; `None` once it has ended.
pub(super) fn usage(pid: u32) -> Option<Usage> {
    let cpu_ms = cpu_ms(&read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
    let pss_kib = pss_kib(&read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?)?;
    Some(Usage { cpu_ms, pss_kib })
}

/// From `/proc/PID/stat`: user and system time. The name before them may hold blanks and brackets.
fn cpu_ms(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks: Vec<u64> =
        after_name.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>().ok()?;
    (ticks.len() == 2).then(|| ticks.iter().sum::<u64>() * MS_PER_TICK)
}

/// From `/proc/PID/smaps_rollup`.
fn pss_kib(smaps: &str) -> Option<u64> {
    let line = smaps.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_mislead() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 31 12 0 0 20 0 4 0 100 1000 200";
        assert_eq!(cpu_ms(stat), Some(430));
        assert_eq!(cpu_ms("42 (a) S 1"), None);
    }

    #[test]
    fn the_proportional_size_is_found() {
        let smaps = "55d0-7ffe ---p 00000000 00:00 0 [rollup]\nRss:  2048 kB\nPss:     1536 kB\nPss_Dirty: 12 kB\n";
        assert_eq!(pss_kib(smaps), Some(1536));
    }

    #[test]
    fn this_process_uses_memory() {
        assert!(usage(std::process::id()).is_some_and(|usage| usage.pss_kib > 0));
        assert_eq!(usage(u32::MAX), None);
    }
}

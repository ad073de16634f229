//! A target under libFuzzer: `FUZZ_TARGET` says which.
#![no_main]

use std::sync::LazyLock;

use fastrand::Rng;
use fuzz::{Mutator, Target};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    name.parse().unwrap_or_else(|problem| {
        eprintln!("FUZZ_TARGET: {problem}");
        std::process::exit(2)
    })
});

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| TARGET.seeds());

static MUTATOR: LazyLock<Mutator> = LazyLock::new(|| Mutator::of(&SEEDS));

fuzz_target!(|input: &[u8]| TARGET.judge(input));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = Rng::with_seed(seed.into());
    // It begins with an empty input, and comes back to the seeds; its own ways of changing one are others.
    let changed = match random.u8(..8) {
        0 => Vec::new(),
        1 => SEEDS[random.usize(..SEEDS.len())].clone(),
        _ => MUTATOR.mutate(&data[..size], &mut random),
    };
    if changed.is_empty() || changed.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
});

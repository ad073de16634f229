//! Makes inputs of inputs. What stands inside of a text as JSON or base64 is changed there, so that inputs stay whole around it.

mod lines;
mod value;

use fastrand::Rng;
use serde_json::Value;

/// Longer inputs take long and say nothing new, in bytes.
const LONGEST: usize = 200_000;

/// Changes inputs, with pieces of others.
#[derive(Debug)]
pub struct Mutator {
    /// Values out of all seeds.
    donors: Vec<Value>,
}

impl Mutator {
    /// With the pieces of these inputs.
    #[must_use]
    pub fn of(seeds: &[Vec<u8>]) -> Self {
        let mut donors = Vec::new();
        for seed in seeds.iter().filter_map(|seed| serde_json::from_slice(seed).ok()) {
            value::collect(&seed, &mut donors);
        }
        Mutator { donors }
    }

    /// An input that differs from `input` in a few places.
    #[must_use]
    pub fn mutate(&self, input: &[u8], random: &mut Rng) -> Vec<u8> {
        let mut input = input.to_vec();
        for _ in 0..random.usize(1..=8) {
            let changed = self.change(input.clone(), random);
            if changed.len() <= LONGEST {
                input = changed;
            }
        }
        input
    }

    fn change(&self, input: Vec<u8>, random: &mut Rng) -> Vec<u8> {
        // Now and then what is whole is broken.
        if random.u8(..) < 250 {
            if let Ok(mut value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(&input) {
                self.change_within(&mut value, random);
                return value.to_string().into_bytes();
            }
            if let Ok(text) = std::str::from_utf8(&input)
                && random.bool()
            {
                return lines::change(text, random).into_bytes();
            }
        }
        bytes(input, random)
    }
}

/// Changes, adds or takes out bytes.
fn bytes(mut bytes: Vec<u8>, random: &mut Rng) -> Vec<u8> {
    let (from, to) = (random.usize(..=bytes.len()), random.usize(..=bytes.len()));
    let (from, to) = (from.min(to), from.max(to));
    match random.u8(..4) {
        0 if from < bytes.len() => bytes[from] ^= 1 << random.u8(..8),
        1 => bytes.insert(from, random.u8(..)),
        2 => drop(bytes.drain(from..to.min(from + 16))),
        _ => {
            let piece = bytes[from..to.min(from + 64)].to_vec();
            let at = random.usize(..=bytes.len());
            bytes.splice(at..at, piece);
        }
    }
    bytes
}

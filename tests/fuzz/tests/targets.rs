//! Each target with its corpus, and for a while with what a mutator makes of it: `FUZZ_SECONDS`, two where it is not set.

#![cfg(test)]

use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use fuzz::{Mutator, Target};

/// No input takes nearly as long; one that does has no end.
const LONGEST: Duration = Duration::from_secs(60);

fn fuzz(target: Target) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
    let kept = format!("the input is in {}; keep it in tests/fuzz/corpus/{target}", path.display());
    let (judged, judgements) = channel();
    let worker = thread::spawn(move || judge_all(target, &path, &judged));
    let inputs = loop {
        match judgements.recv_timeout(LONGEST) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => panic!("no answer within {LONGEST:?}; {kept}"),
            Err(RecvTimeoutError::Disconnected) => break worker.join(),
        }
    };
    match inputs {
        Ok(inputs) => println!("{target}: {inputs} inputs"),
        Err(_) => panic!("{kept}"),
    }
}

/// Judges the corpus and what becomes of it; answers how many inputs. Each is written down before, for the case that it ends all.
fn judge_all(target: Target, path: &Path, judged: &Sender<()>) -> usize {
    let seeds = target.seeds();
    let mut inputs = 0;
    let mut judge = |input: &[u8]| {
        fs::write(path, input).unwrap();
        target.judge(input);
        inputs += 1;
        judged.send(()).unwrap();
    };
    seeds.iter().for_each(|seed| judge(seed));
    let seconds = std::env::var("FUZZ_SECONDS").map_or(2, |seconds| seconds.parse().expect("FUZZ_SECONDS is a number"));
    let (mutator, mut random, end) = (Mutator::of(&seeds), Rng::new(), Instant::now() + Duration::from_secs(seconds));
    while Instant::now() < end {
        judge(&mutator.mutate(&seeds[random.usize(..seeds.len())], &mut random));
    }
    inputs
}

#[test]
fn whatever_a_topic_holds_is_done_parked_or_wanted_again() {
    fuzz(Target::Kafka);
}

#[test]
fn whatever_a_stream_shows_is_published_or_parked() {
    fuzz(Target::Stream);
}

#[test]
fn whatever_is_asked_over_http_is_answered() {
    fuzz(Target::Http);
}

#[test]
fn whatever_stands_in_a_template_it_is_read_or_refused() {
    fuzz(Target::Template);
}

#[test]
fn whatever_is_read_reads_the_same_when_it_is_written_again() {
    fuzz(Target::Texts);
}

//! The inputs that are kept: in `corpus/TARGET`, and the test events of the functions.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Target;
use crate::shop::fail;

/// A target's inputs, in the order of their names.
///
/// # Panics
///
/// If they cannot be read.
pub(crate) fn read(target: Target) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = files(&root.join("corpus").join(target.to_string()));
    let events = files(&root.join("../events")).into_iter().filter(|event| is_for(event, target));
    kept.into_iter().chain(events).collect()
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let problem = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .unwrap_or_else(|error| fail(&problem(error)));
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap_or_else(|error| fail(&problem(error)))).collect()
}

/// Whether a test event is one of the target's.
fn is_for(event: &[u8], target: Target) -> bool {
    let field = match target {
        Target::Kafka => "records",
        Target::Stream => "Records",
        Target::Http => "routeKey",
        Target::Template | Target::Texts => return false,
    };
    serde_json::from_slice::<Value>(event).is_ok_and(|event| event.get(field).is_some())
}

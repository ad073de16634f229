//! Builds the functions of a template's workspace, and finds their binaries.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fmt, io};

use serde::Deserialize;
use tokio::process::Command;

/// Where functions' binaries come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Build {
    /// `cargo build`, with the profile that this program was built with.
    Cargo,
    /// Cargo's target folder, as it is.
    Skip,
    /// This folder, as it is.
    Folder(PathBuf),
}

/// Why functions cannot be started.
#[derive(Debug)]
pub enum BuildError {
    /// `cargo` could not be run.
    NoCargo(io::Error),
    /// `cargo metadata` or `cargo build` ended with this status.
    Cargo(&'static str, std::process::ExitStatus),
    /// `cargo metadata` answered something else than expected.
    Metadata(serde_json::Error),
    /// A function has no binary.
    Missing {
        /// The function.
        function: String,
        /// Where its binary was looked for.
        binary: PathBuf,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCargo(error) => write!(f, "cargo cannot be run: {error}; install Rust, or put cargo into PATH"),
            Self::Cargo(command, status) => write!(f, "cargo {command} failed ({status}); its message is above"),
            Self::Metadata(error) => write!(f, "cargo metadata was not understood: {error}"),
            Self::Missing { function, binary } => write!(
                f,
                "function {function} has no binary {}: its package has to be a member of the workspace, named {function}, and built",
                binary.display()
            ),
        }
    }
}

impl std::error::Error for BuildError {}

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
}

const RELEASE: bool = !cfg!(debug_assertions);

/// The folder with a binary for each of these functions of the workspace in `folder`, built if so wished, with their feature `tls` if
/// need be. Cargo's messages go to stderr.
///
/// # Errors
///
/// [`BuildError`] where Cargo fails, or a binary is missing.
pub async fn binaries(build: &Build, folder: &Path, functions: &[&str], tls: bool) -> Result<PathBuf, BuildError> {
    let binaries = match build {
        Build::Folder(binaries) => binaries.clone(),
        Build::Skip => target(folder).await?,
        Build::Cargo => {
            let mut command = cargo(folder);
            command.args(["build", "--workspace", "--bins"]).stdout(Stdio::null());
            if RELEASE {
                command.arg("--release");
            }
            if tls {
                command.args(["--features", "tls"]);
            }
            // Both at once: a build with nothing to do takes as long as reading the metadata.
            let (status, target) = tokio::join!(command.status(), target(folder));
            let status = status.map_err(BuildError::NoCargo)?;
            if !status.success() {
                return Err(BuildError::Cargo("build", status));
            }
            target?
        }
    };
    for function in functions {
        let binary = binary(&binaries, function);
        if !binary.is_file() {
            return Err(BuildError::Missing { function: (*function).to_owned(), binary });
        }
    }
    Ok(binaries)
}

/// A function's binary in that folder.
pub(crate) fn binary(binaries: &Path, function: &str) -> PathBuf {
    binaries.join(format!("{function}{}", std::env::consts::EXE_SUFFIX))
}

async fn target(folder: &Path) -> Result<PathBuf, BuildError> {
    let mut command = cargo(folder);
    command.args(["metadata", "--no-deps", "--format-version", "1"]).stderr(Stdio::inherit());
    let output = command.output().await.map_err(BuildError::NoCargo)?;
    if !output.status.success() {
        return Err(BuildError::Cargo("metadata", output.status));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(BuildError::Metadata)?;
    Ok(metadata.target_directory.join(if RELEASE { "release" } else { "debug" }))
}

/// Cargo in this folder; it ends with this program.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    command
}

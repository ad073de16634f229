//! Why a stack does not start, with what to do about it.

use std::path::PathBuf;
use std::{fmt, io};

use whenever::SettingError;

use crate::broker::BrokerError;
use crate::data::DataError;
use crate::function::BuildError;
use crate::roles::TellError;
use crate::store::StoreError;
use crate::template;
use crate::triggers::TriggerError;

/// Why a stack does not start.
#[derive(Debug)]
pub enum Error {
    /// There is no `template.yaml` in this folder or above it.
    NoTemplate(PathBuf),
    /// The template cannot be run.
    Template(template::Error),
    /// A function has no binary.
    Build(BuildError),
    /// A function's program does not say what it needs.
    Needs(TellError),
    /// A port cannot be listened on.
    Port {
        /// The port.
        port: u16,
        /// The option that sets it.
        option: &'static str,
        /// Why.
        why: io::Error,
    },
    /// The data folder cannot be used.
    Data(DataError),
    /// The table store does not do what it should.
    Store(StoreError),
    /// The broker does not do what it should.
    Broker(BrokerError),
    /// The stack cannot say to the broker who it is.
    Login(SettingError),
    /// A trigger cannot be started.
    Triggers(TriggerError),
    /// No process can be started.
    Spawner(io::Error),
    /// What stands in for an outside system cannot be started.
    Outside(io::Error),
    /// The ready file cannot be written.
    ReadyFile(PathBuf, io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTemplate(folder) => {
                let folder = folder.display();
                write!(f, "there is no template.yaml in {folder} or above it; go to the project's folder")
            }
            Self::Template(error) => error.fmt(f),
            Self::Build(error) => error.fmt(f),
            Self::Needs(error) => error.fmt(f),
            Self::Port { port, option, why } if why.kind() == io::ErrorKind::AddrInUse => {
                write!(f, "port {port} is taken; stop what listens there, or choose another with {option}")
            }
            Self::Port { port, option, why } => {
                write!(f, "port {port} cannot be listened on ({why}); choose another with {option}")
            }
            Self::Data(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Broker(error) => error.fmt(f),
            Self::Login(error) => error.fmt(f),
            Self::Triggers(error) => error.fmt(f),
            Self::Spawner(error) => write!(f, "no process can be started: {error}"),
            Self::Outside(error) => write!(f, "nothing can stand in for an outside system: {error}"),
            Self::ReadyFile(path, error) => write!(f, "the ready file {} cannot be written: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

impl From<template::Error> for Error {
    fn from(error: template::Error) -> Self {
        Self::Template(error)
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<DataError> for Error {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

impl From<BrokerError> for Error {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<TriggerError> for Error {
    fn from(error: TriggerError) -> Self {
        Self::Triggers(error)
    }
}

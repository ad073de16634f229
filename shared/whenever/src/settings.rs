//! Settings: the function's environment variables.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The environment variables that the function was started with.
#[derive(Debug, Clone, Default)]
pub struct Settings(HashMap<String, String>);

/// A variable is missing or its value cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The variable.
    pub name: String,
    /// What is wrong, and what it should be.
    pub problem: String,
}

impl Settings {
    /// The process's own environment.
    #[must_use]
    pub fn from_environment() -> Self {
        // What is not UTF-8 is no setting of ours.
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable's value; `None` where it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable that must be there.
    ///
    /// # Errors
    ///
    /// [`SettingError`] where it is not, or where it cannot be read as a `T`.
    pub fn read<T>(&self, name: &str) -> Result<T, SettingError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let value = self.get(name).ok_or_else(|| SettingError::new(name, "is not set"))?;
        value.parse().map_err(|e| SettingError::new(name, &format!("is {value:?}: {e}")))
    }

    /// A time span in seconds, fractions allowed, that must be there: `SWEEP_INTERVAL_SECONDS=0.5`.
    ///
    /// # Errors
    ///
    /// [`SettingError`] where it is not there, or is no positive number.
    pub fn seconds(&self, name: &str) -> Result<Duration, SettingError> {
        let seconds: f64 = self.read(name)?;
        Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|span| !span.is_zero())
            .ok_or_else(|| SettingError::new(name, "must be a positive number of seconds"))
    }

    /// Every variable with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Settings {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Settings(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl SettingError {
    /// What is wrong with variable `name`.
    #[must_use]
    pub fn new(name: &str, problem: &str) -> Self {
        SettingError { name: name.to_owned(), problem: problem.to_owned() }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "environment variable {} {}", self.name, self.problem)
    }
}

impl std::error::Error for SettingError {}

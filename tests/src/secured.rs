//! A secured broker, as `localstack/kafka.sh start --secured` starts it in the folder of `KAFKA_SECURED`, and who gets in.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;
use whenever::Settings;

use crate::{Secrets, fail};

/// A way into the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// For everybody, without TLS.
    Plaintext,
    /// For users, over TLS.
    Scram,
    /// For roles, over TLS.
    Iam,
}

/// What a program is started with that gets in, to be changed.
#[derive(Debug)]
pub struct Entry {
    /// Its environment.
    pub environment: Vec<(&'static str, String)>,
    /// What it finds in Secrets Manager: `login` and `authority`.
    pub secrets: Secrets,
}

/// The broker's address for those who come this way.
#[must_use]
pub fn address(way: Way) -> String {
    let listed = script(&["status"]);
    let listed: Vec<_> = listed.lines().filter_map(|line| line.split_once(' ')).collect();
    let found = listed.iter().find(|(name, _)| *name == way.name());
    found.unwrap_or_else(|| fail(format!("no way {} in {listed:?}", way.name()))).1.to_owned()
}

/// Makes a user of the broker, or gives them another password.
pub fn user(name: &str, password: &str) {
    script(&["user", name, password]);
}

impl Entry {
    /// For the user whom the broker knows.
    #[must_use]
    pub fn scram() -> Self {
        Self::by(Way::Scram, Way::Scram.name())
    }

    /// For the role that the broker knows.
    #[must_use]
    pub fn iam() -> Self {
        Self::by(Way::Iam, Way::Iam.name())
    }

    /// For one who is set up for one way and comes another.
    #[must_use]
    pub fn by(way: Way, authentication: &str) -> Self {
        let (secrets, url) = Secrets::start();
        secrets.keep("login", &json!({"username": "whenever", "password": "secret"}));
        let certificate = std::fs::read_to_string(folder().join("ca.pem")).unwrap_or_else(|e| fail(e));
        secrets.keep("authority", &json!({"certificate": certificate}));
        let environment = [
            ("KAFKA_BOOTSTRAP_SERVERS", address(way)),
            ("KAFKA_AUTHENTICATION", authentication.to_owned()),
            ("KAFKA_SECRET_ARN", "login".to_owned()),
            ("KAFKA_CA_SECRET_ARN", "authority".to_owned()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", url),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "EXAMPLEKEY".to_owned()),
            ("AWS_SESSION_TOKEN", "EXAMPLESESSION".to_owned()),
        ];
        Entry { environment: environment.into(), secrets }
    }

    /// The same with another value of a variable.
    #[must_use]
    pub fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.environment.retain(|(name, _)| *name != variable);
        self.environment.push((variable, value.to_owned()));
        self
    }

    /// What a function would read of it.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.environment.iter().cloned().collect()
    }
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Plaintext => "PLAINTEXT",
            Way::Scram => "SCRAM",
            Way::Iam => "IAM",
        }
    }
}

fn folder() -> PathBuf {
    let folder = std::env::var_os("KAFKA_SECURED").unwrap_or_else(|| fail("KAFKA_SECURED names no folder"));
    workspace().join(folder)
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| fail("the tests are in no workspace"))
}

/// Runs `kafka.sh` on the broker; answers what it prints.
fn script(arguments: &[&str]) -> String {
    let mut command = Command::new(workspace().join("localstack/kafka.sh"));
    let output = command.args(arguments).arg("--dir").arg(folder()).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|e| fail(e));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

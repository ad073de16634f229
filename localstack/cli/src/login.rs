//! Who this program is to brokers that want to know: by the same environment variables as a function.

use std::collections::BTreeMap;

use localstack::broker::Given;
use localstack::template::KAFKA_BOOTSTRAP_SERVERS;
use whenever::{KafkaAccess, Settings};

/// The variables of a login that are set; none for brokers that ask nobody.
pub(crate) fn variables() -> BTreeMap<String, String> {
    let environment = Settings::from_environment();
    if environment.get("KAFKA_AUTHENTICATION").is_none_or(|authentication| authentication == "PLAINTEXT") {
        return BTreeMap::new();
    }
    let set = KafkaAccess::VARIABLES.iter().filter_map(|name| Some((*name, environment.get(name)?)));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The brokers at `host:port,…`.
pub(crate) fn brokers(bootstrap: String, prefix: String) -> Result<Given, String> {
    let settings: Settings = variables().into_iter().chain([(KAFKA_BOOTSTRAP_SERVERS.to_owned(), bootstrap)]).collect();
    let access = KafkaAccess::from_settings(&settings).map_err(|error| error.to_string())?;
    Ok(Given { access, prefix })
}

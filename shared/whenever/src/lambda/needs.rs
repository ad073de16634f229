//! A function's program says what its role must allow, so that the template can be compared with it.

use serde::Serialize;

use super::function::Function;
use super::log;
use crate::needs::table_variable;
use crate::{Action, Place};

/// The argument with which a function's program prints its needs, one JSON object, and ends.
pub const TELL_NEEDS: &str = "--needs";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    function: &'static str,
    tables: Vec<Table>,
    topics: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Table {
    #[serde(flatten)]
    place: Place,
    /// The environment variable that names the table.
    variable: String,
    actions: Vec<Action>,
}

pub(super) fn tell(function: &impl Function) {
    let needs = function.needs();
    let table = |(place, actions): (Place, &std::collections::BTreeSet<Action>)| Table {
        place,
        variable: table_variable(place.table),
        actions: actions.iter().copied().collect(),
    };
    let (tables, topics) = (needs.places().map(table).collect(), needs.topics().collect());
    log::write(&Told { function: function.name(), tables, topics });
}

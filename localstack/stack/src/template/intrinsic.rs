//! Recognises a call of an intrinsic function: `!Sub x` and `{"Fn::Sub": x}` are the same.

use serde_yaml_ng::Value as Yaml;

use super::error::Error;

/// A call: its long name (`Ref`, `Condition`, `Fn::Sub`) and its argument.
#[derive(Debug)]
pub(super) struct Intrinsic<'a> {
    pub(super) name: String,
    pub(super) argument: &'a Yaml,
}

impl<'a> Intrinsic<'a> {
    /// The argument's items; none where it is no list.
    pub(super) fn items(&self) -> &'a [Yaml] {
        self.argument.as_sequence().map_or(&[], Vec::as_slice)
    }

    /// Exactly this many arguments.
    pub(super) fn arguments<const N: usize>(&self) -> Result<&'a [Yaml; N], Error> {
        self.items().try_into().map_err(|_| Error::new(format!("needs a list of {N}")))
    }
}

/// The call that a value is, if it is one.
pub(super) fn intrinsic(value: &Yaml) -> Option<Intrinsic<'_>> {
    match value {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            Some(Intrinsic { name, argument: &tagged.value })
        }
        Yaml::Mapping(fields) if fields.len() == 1 => {
            let (name, argument) = fields.iter().next()?;
            let name = name.as_str()?;
            // A policy statement has a `Condition` as well, which is no text.
            let call = name.starts_with("Fn::") || matches!(name, "Ref" | "Condition") && argument.is_string();
            call.then(|| Intrinsic { name: name.to_owned(), argument })
        }
        _ => None,
    }
}

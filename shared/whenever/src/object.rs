//! Reading what has to be a JSON object.

use serde::Deserialize;
use serde::de::Error as _;

/// Reads a JSON object. Left to itself, serde takes a list for one as well, its values for the fields in their order: nobody who writes
/// one means that.
///
/// # Errors
///
/// Where the text is no JSON object, or not of this shape.
pub(crate) fn read_object<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, serde_json::Error> {
    if text.trim_start().starts_with('[') {
        return Err(serde_json::Error::custom("it is a list, not an object"));
    }
    serde_json::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Lamp {
        on: bool,
    }

    #[test]
    fn a_list_is_no_object() {
        assert!(read_object::<Lamp>(r#" {"on": true}"#).unwrap().on);
        assert_eq!(read_object::<Lamp>(" [true]").unwrap_err().to_string(), "it is a list, not an object");
        assert!(read_object::<Lamp>("true").is_err());
    }
}

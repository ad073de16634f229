//! The names under which a chapter's later steps know what its earlier ones have made.

use std::collections::BTreeMap;

/// Ids by name.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<&'static str, String>);

impl Names {
    /// From now on `{name}` stands for this id.
    pub(super) fn give(&mut self, name: &'static str, id: String) {
        self.0.insert(name, id);
    }

    /// The id behind a name.
    pub(super) fn id(&self, name: &str) -> Result<&str, String> {
        self.0.get(name).map(String::as_str).ok_or_else(|| format!("nothing is called {name} yet"))
    }

    /// The text with ids in place of names. Braces of JSON, which no name follows, stay.
    pub(super) fn fill(&self, text: &str) -> String {
        let put_in = |text: String, (name, id): (&&str, &String)| text.replace(&format!("{{{name}}}"), id);
        self.0.iter().fold(text.to_owned(), put_in)
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_become_ids_and_json_stays_json() {
        let mut names = Names::default();
        names.give("tv", "1".to_owned());
        assert_eq!(
            names.fill(r#"POST /orders items:=[{"productId":{tv}}]"#),
            r#"POST /orders items:=[{"productId":1}]"#
        );
        assert_eq!(names.id("tv"), Ok("1"));
        assert_eq!(names.id("radio"), Err("nothing is called radio yet".to_owned()));
    }
}

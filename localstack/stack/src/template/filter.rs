//! Event filter patterns: which records a trigger's `FilterCriteria` lets through.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rule::Rule;

/// A trigger's `FilterCriteria`: a record passes if any of its patterns matches; without patterns every record does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter(Vec<Pattern>);

/// One pattern: rules at its leaves, a field for a field down to them.
#[derive(Debug, Clone, PartialEq)]
enum Pattern {
    /// Every field has to match.
    Fields(Vec<(String, Pattern)>),
    /// Any of the rules has to match.
    Rules(Vec<Rule>),
    /// `$or`: any of the patterns has to match.
    AnyOf(Vec<Pattern>),
}

impl Filter {
    /// Reads the `Pattern` strings of a `FilterCriteria`; the error says what is wrong with which pattern.
    pub fn parse<S: AsRef<str>>(patterns: &[S]) -> Result<Self, String> {
        patterns
            .iter()
            .map(|text| {
                let text = text.as_ref();
                serde_json::from_str(text)
                    .map_err(|error| format!("is not JSON: {error}"))
                    .and_then(|json| Pattern::parse(&json))
                    .map_err(|problem| format!("pattern {text} {problem}"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether every record passes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this record passes.
    pub fn matches(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(Some(record)))
    }

    /// The fields below `path` that it looks at; what others hold makes no difference.
    pub fn fields(&self, path: &[&str]) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        self.0.iter().for_each(|pattern| pattern.fields(path, &mut found));
        found
    }
}

impl Pattern {
    fn parse(json: &Value) -> Result<Self, String> {
        match json {
            Value::Object(fields) if !fields.is_empty() => fields
                .iter()
                .map(|(name, pattern)| {
                    let pattern = match (name.as_str(), pattern) {
                        ("$or", Value::Array(patterns)) => {
                            Self::AnyOf(patterns.iter().map(Self::parse).collect::<Result<_, _>>()?)
                        }
                        _ => Self::parse(pattern)?,
                    };
                    Ok((name.clone(), pattern))
                })
                .collect::<Result<_, _>>()
                .map(Self::Fields),
            Value::Array(rules) if !rules.is_empty() => {
                rules.iter().map(Rule::parse).collect::<Result<_, _>>().map(Self::Rules)
            }
            other => Err(format!("has {other} where a list of values or an object with fields is needed")),
        }
    }

    fn fields<'p>(&'p self, path: &[&str], found: &mut BTreeSet<&'p str>) {
        match self {
            Self::Rules(_) => {}
            Self::AnyOf(patterns) => patterns.iter().for_each(|pattern| pattern.fields(path, found)),
            Self::Fields(fields) => {
                for (name, pattern) in fields {
                    match (pattern, path.split_first()) {
                        (Self::AnyOf(_), _) => pattern.fields(path, found),
                        (_, None) => drop(found.insert(name)),
                        (_, Some((first, rest))) if first == name => pattern.fields(rest, found),
                        _ => {}
                    }
                }
            }
        }
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Fields(fields) => fields.iter().all(|(name, pattern)| match pattern {
                Self::AnyOf(_) => pattern.matches(value),
                _ => pattern.matches(value.and_then(|value| value.get(name))),
            }),
            Self::AnyOf(patterns) => patterns.iter().any(|pattern| pattern.matches(value)),
            Self::Rules(rules) => match value {
                Some(Value::Array(values)) if !values.is_empty() => {
                    values.iter().any(|value| rules.iter().any(|rule| rule.matches(Some(value))))
                }
                value => rules.iter().any(|rule| rule.matches(value)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use serde_json::json;

    fn filter(pattern: serde_json::Value) -> Filter {
        Filter::parse(&[pattern.to_string()]).unwrap()
    }

    #[test]
    fn without_patterns_everything_passes() {
        assert!(Filter::default().matches(&json!(null)));
    }

    #[test]
    fn any_pattern_and_every_field() {
        let patterns = [r#"{"value":{"type":["A","B"],"n":[1]}}"#, r#"{"value":{"type":["C"]}}"#];
        let filter = Filter::parse(&patterns).unwrap();
        assert!(filter.matches(&json!({"value": {"type": "B", "n": 1}})));
        assert!(filter.matches(&json!({"value": {"type": "C"}})));
        assert!(!filter.matches(&json!({"value": {"type": "B", "n": 2}})));
        assert!(!filter.matches(&json!({"value": {"type": "B"}})));
        assert!(!filter.matches(&json!({"value": "A"})));
        assert!(!filter.matches(&json!({})));
    }

    #[test]
    fn it_says_which_fields_it_looks_at() {
        let image =
            json!({"status": {"S": ["PLACED"]}, "$or": [{"outbox": {"S": [{"exists": true}]}}, {"dueAt": [1]}]});
        let filter = filter(json!({"eventName": ["INSERT"], "dynamodb": {"NewImage": image}}));
        let found: Vec<&str> = filter.fields(&["dynamodb", "NewImage"]).into_iter().collect();
        assert_eq!(found, ["dueAt", "outbox", "status"]);
        assert_eq!(filter.fields(&[]).into_iter().collect::<Vec<_>>(), ["dynamodb", "eventName"]);
        assert!(Filter::default().fields(&[]).is_empty());
    }

    #[test]
    fn exists_reaches_through_missing_parents() {
        let present = filter(json!({"dynamodb": {"NewImage": {"outbox": {"S": [{"exists": true}]}}}}));
        assert!(present.matches(&json!({"dynamodb": {"NewImage": {"outbox": {"S": "[]"}}}})));
        assert!(!present.matches(&json!({"dynamodb": {"NewImage": {}}})));
        let absent = filter(json!({"a": {"b": [{"exists": false}]}}));
        assert!(absent.matches(&json!({})));
        assert!(!absent.matches(&json!({"a": {"b": null}})));
    }

    #[test]
    fn an_array_matches_through_any_element() {
        let filter = filter(json!({"tags": ["x", {"prefix": "y"}]}));
        assert!(filter.matches(&json!({"tags": ["a", "yes"]})));
        assert!(!filter.matches(&json!({"tags": ["a", "b"]})));
        assert!(!filter.matches(&json!({"tags": []})));
    }

    #[test]
    fn or_takes_either() {
        let filter = filter(json!({"$or": [{"a": [1]}, {"b": [2]}], "c": [3]}));
        assert!(filter.matches(&json!({"b": 2, "c": 3})));
        assert!(!filter.matches(&json!({"b": 2})));
        assert!(!filter.matches(&json!({"a": 2, "c": 3})));
    }

    #[test]
    fn what_is_no_pattern_is_refused_by_name() {
        let problem = |text: &str| Filter::parse(&[text]).unwrap_err();
        assert!(problem("{").contains("is not JSON"));
        assert!(problem(r#"{"type":"A"}"#).contains(r#""A" where a list"#));
        assert!(problem(r#"{"type":[{"wildcard":"a*"}]}"#).contains("wildcard"));
        assert!(problem(r#"{"type":[]}"#).contains("[] where a list"));
    }
}

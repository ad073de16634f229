//! One rule at a leaf of an event filter pattern: a value, or an operator such as `prefix` or `numeric`.

use serde_json::Value;

/// What a leaf of a record has to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    Equals(Value),
    EqualsIgnoreCase(String),
    Prefix(String),
    Suffix(String),
    Exists(bool),
    /// Present, and none of the rules holds.
    AnythingBut(Vec<Rule>),
    /// Every comparison holds.
    Numeric(Vec<(Comparison, f64)>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,
}

impl Rule {
    pub(super) fn parse(json: &Value) -> Result<Self, String> {
        let Value::Object(fields) = json else {
            return match json {
                Value::Array(_) => Err(format!("has a list in a list: {json}")),
                value => Ok(Self::Equals(value.clone())),
            };
        };
        let mut fields = fields.iter();
        let (Some((operator, operand)), None) = (fields.next(), fields.next()) else {
            return Err(format!("has {json} where one operator is needed"));
        };
        match (operator.as_str(), operand) {
            ("prefix", Value::String(text)) => Ok(Self::Prefix(text.clone())),
            ("suffix", Value::String(text)) => Ok(Self::Suffix(text.clone())),
            ("equals-ignore-case", Value::String(text)) => Ok(Self::EqualsIgnoreCase(text.to_lowercase())),
            ("exists", Value::Bool(wanted)) => Ok(Self::Exists(*wanted)),
            ("anything-but", Value::Array(values)) => {
                values.iter().map(Self::parse).collect::<Result<_, _>>().map(Self::AnythingBut)
            }
            ("anything-but", value) => Ok(Self::AnythingBut(vec![Self::parse(value)?])),
            ("numeric", Value::Array(parts)) => comparisons(parts)
                .map(Self::Numeric)
                .ok_or_else(|| format!(r#"has {json} where a form like {{"numeric": [">=", 1, "<", 5]}} is needed"#)),
            _ => Err(format!(
                "has {json}; supported are prefix, suffix, equals-ignore-case, exists, anything-but and numeric"
            )),
        }
    }

    pub(super) fn matches(&self, value: Option<&Value>) -> bool {
        let text = value.and_then(Value::as_str);
        match self {
            Self::Equals(expected) => value.is_some_and(|value| same(value, expected)),
            Self::EqualsIgnoreCase(lower) => text.is_some_and(|text| text.to_lowercase() == *lower),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix.as_str())),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix.as_str())),
            // As in AWS, an object is no leaf: neither there nor missing.
            Self::Exists(wanted) => !value.is_some_and(Value::is_object) && value.is_some() == *wanted,
            Self::AnythingBut(rules) => value.is_some() && !rules.iter().any(|rule| rule.matches(value)),
            Self::Numeric(comparisons) => value
                .and_then(Value::as_f64)
                .is_some_and(|number| comparisons.iter().all(|(comparison, bound)| comparison.holds(number, *bound))),
        }
    }
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "<" => Self::Less,
            "<=" => Self::AtMost,
            "=" => Self::Equal,
            ">=" => Self::AtLeast,
            ">" => Self::Greater,
            _ => return None,
        })
    }

    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Less => number < bound,
            Self::AtMost => number <= bound,
            Self::Equal => number == bound,
            Self::AtLeast => number >= bound,
            Self::Greater => number > bound,
        }
    }
}

/// `[">", 0, "<=", 5]` as pairs.
fn comparisons(parts: &[Value]) -> Option<Vec<(Comparison, f64)>> {
    let pair = |pair: &[Value]| match pair {
        [operator, bound] => Some((Comparison::parse(operator.as_str()?)?, bound.as_f64()?)),
        _ => None,
    };
    if parts.is_empty() { None } else { parts.chunks(2).map(pair).collect() }
}

/// Numbers are the same by value: `1` and `1.0`.
fn same(value: &Value, expected: &Value) -> bool {
    value == expected || value.as_f64().zip(expected.as_f64()).is_some_and(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use serde_json::{Value, json};

    fn holds(rule: Value, value: Value) -> bool {
        Rule::parse(&rule).unwrap().matches(Some(&value))
    }

    #[test]
    fn equality_is_by_type_and_value() {
        assert!(holds(json!("1"), json!("1")));
        assert!(!holds(json!("1"), json!(1)));
        assert!(holds(json!(1), json!(1.0)));
        assert!(holds(json!(null), json!(null)));
        assert!(!Rule::parse(&json!(null)).unwrap().matches(None));
    }

    #[test]
    fn operators() {
        assert!(holds(json!({"prefix": "ab"}), json!("abc")));
        assert!(!holds(json!({"prefix": "ab"}), json!("cab")));
        assert!(holds(json!({"suffix": "bc"}), json!("abc")));
        assert!(holds(json!({"equals-ignore-case": "Ab"}), json!("aB")));
        assert!(holds(json!({"anything-but": ["a", 1]}), json!("b")));
        assert!(!holds(json!({"anything-but": ["a", 1]}), json!(1)));
        assert!(!holds(json!({"anything-but": {"prefix": "a"}}), json!("ab")));
        assert!(holds(json!({"numeric": [">", 0, "<=", 5]}), json!(5)));
        assert!(!holds(json!({"numeric": [">", 0, "<=", 5]}), json!(0)));
        assert!(!holds(json!({"numeric": ["=", 1]}), json!("1")));
    }

    #[test]
    fn malformed_rules_are_refused() {
        for rule in [json!({"numeric": []}), json!({"numeric": [1, ">"]}), json!({"prefix": 1}), json!({}), json!([1])]
        {
            assert!(Rule::parse(&rule).is_err(), "{rule} was taken");
        }
    }
}

//! The HTTP API's routes: which function a method and path lead to.

use std::collections::{BTreeMap, BTreeSet};

use crate::template::{Function, Route, Trigger};

/// All routes of a template.
#[derive(Debug, Default)]
pub(super) struct Routes(Vec<Entry>);

/// One route.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) function: String,
    method: String,
    segments: Vec<Segment>,
    /// As API Gateway writes it: `GET /orders/{id}`.
    pub(super) key: String,
    /// Whether its function may put something on a topic.
    pub(super) publishes: bool,
}

/// In the order in which API Gateway prefers them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
    /// `{name+}`: the rest of the path. `$default` is one without a name.
    Rest(String),
}

/// What a request leads to.
#[derive(Debug)]
pub(super) enum Found<'a> {
    Route(&'a Entry, BTreeMap<&'a str, String>),
    /// The path exists with these methods.
    OtherMethods(String),
    Nothing,
}

impl Routes {
    pub(super) fn new(functions: &[Function]) -> Self {
        let entries = functions.iter().flat_map(|function| {
            function.triggers.iter().filter_map(|trigger| match trigger {
                Trigger::Http(route) => Some(Entry::new(function, route)),
                _ => None,
            })
        });
        Self(entries.collect())
    }

    /// The route of a request; its path as it was sent.
    pub(super) fn find(&self, method: &str, path: &str) -> Found<'_> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let mut best: Option<(&Entry, BTreeMap<&str, String>)> = None;
        let mut others = BTreeSet::new();
        for entry in &self.0 {
            let Some(parameters) = entry.matches(&parts) else { continue };
            if entry.method != method && entry.method != "ANY" {
                others.insert(entry.method.as_str());
            } else if best.as_ref().is_none_or(|(best, _)| entry.rank() < best.rank()) {
                best = Some((entry, parameters));
            }
        }
        match best {
            Some((entry, parameters)) => Found::Route(entry, parameters),
            None if others.is_empty() => Found::Nothing,
            None => Found::OtherMethods(others.into_iter().collect::<Vec<_>>().join(", ")),
        }
    }
}

impl Entry {
    fn new(function: &Function, route: &Route) -> Self {
        let key = match route.path.as_str() {
            "$default" => route.path.clone(),
            path => format!("{} {path}", route.method),
        };
        let segment = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Segment::Rest(name.to_owned()),
                None => Segment::Parameter(name.to_owned()),
            },
            None if part == "$default" => Segment::Rest(String::new()),
            None => Segment::Literal(part.to_owned()),
        };
        let segments = route.path.trim_start_matches('/').split('/').map(segment).collect();
        Self {
            function: function.name.clone(),
            method: route.method.clone(),
            segments,
            key,
            publishes: function.publishes(),
        }
    }

    /// The parameters, decoded, if the path fits.
    fn matches(&self, parts: &[&str]) -> Option<BTreeMap<&str, String>> {
        let mut parameters = BTreeMap::new();
        let mut parts = parts.iter();
        for segment in &self.segments {
            match segment {
                Segment::Literal(literal) => {
                    let part = parts.next()?;
                    if part != literal && (!part.contains('%') || decode(part) != *literal) {
                        return None;
                    }
                }
                Segment::Parameter(name) => {
                    let part = parts.next().filter(|part| !part.is_empty())?;
                    parameters.insert(name.as_str(), decode(part));
                }
                Segment::Rest(name) => {
                    let rest: Vec<_> = parts.by_ref().copied().collect();
                    if !name.is_empty() {
                        parameters.insert(name.as_str(), decode(&rest.join("/")));
                    }
                }
            }
        }
        parts.next().is_none().then_some(parameters)
    }

    /// Smaller is preferred: literal before parameter before rest, a method of its own before ANY.
    fn rank(&self) -> (Vec<u8>, bool) {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Parameter(_) => 1,
            Segment::Rest(name) if name.is_empty() => 3,
            Segment::Rest(_) => 2,
        };
        (self.segments.iter().map(rank).collect(), self.method == "ANY")
    }
}

/// Decodes `%2F` and its like; what is no valid escape stays as it is.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Entry, Found, Routes, decode};
    use crate::template::{Function, Route};

    fn routes(keys: &[&str]) -> Routes {
        let entry = |key: &&str| {
            let (method, path) = key.split_once(' ').unwrap();
            Entry::new(&Function::default(), &Route { method: method.to_owned(), path: path.to_owned() })
        };
        Routes(keys.iter().map(entry).collect())
    }

    fn found(routes: &Routes, method: &str, path: &str) -> String {
        match routes.find(method, path) {
            Found::Route(entry, parameters) => format!("{} {parameters:?}", entry.key),
            Found::OtherMethods(methods) => methods,
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_most_specific_route_wins() {
        let routes =
            routes(&["ANY /{all+}", "GET /orders/{id}", "GET /orders/new", "POST /orders", "ANY /orders/{any}"]);
        assert_eq!(found(&routes, "GET", "/orders/new"), "GET /orders/new {}");
        assert_eq!(found(&routes, "GET", "/orders/a%20b"), r#"GET /orders/{id} {"id": "a b"}"#);
        assert_eq!(found(&routes, "PUT", "/orders/7"), r#"ANY /orders/{any} {"any": "7"}"#);
        assert_eq!(found(&routes, "GET", "/a/b"), r#"ANY /{all+} {"all": "a/b"}"#);
    }

    #[test]
    fn unknown_paths_and_other_methods() {
        let routes = routes(&["GET /orders", "POST /orders", "GET /orders/{id}"]);
        assert_eq!(found(&routes, "PUT", "/orders"), "GET, POST");
        assert_eq!(found(&routes, "GET", "/nope"), "nothing");
        assert_eq!(found(&routes, "GET", "/orders/"), "nothing");
        assert_eq!(found(&routes, "GET", "/orders/1/2"), "nothing");
    }

    #[test]
    fn the_default_route_takes_what_is_left() {
        let routes = routes(&["GET /a", "ANY $default"]);
        assert_eq!(found(&routes, "GET", "/a"), "GET /a {}");
        assert_eq!(found(&routes, "GET", "/b/c"), "$default {}");
    }

    #[test]
    fn escapes() {
        assert_eq!(decode("%ed%95%9c%2F+%zz%2"), "한/+%zz%2");
    }
}

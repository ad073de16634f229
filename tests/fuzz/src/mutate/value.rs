//! Changes a JSON value in one place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::Mutator;

/// Shorter texts are seldom base64, though many can be read as it.
const SHORTEST_BASE64: usize = 16;

/// The most that a text or a list grows to at once.
const MOST: usize = 300;

impl Mutator {
    /// Changes the value, or something in it.
    pub(super) fn change_within(&self, value: &mut Value, random: &mut Rng) {
        let deeper = random.u8(..8) > 0;
        match value {
            Value::Object(fields) if deeper && !fields.is_empty() => {
                let at = pick(fields.values(), random);
                if let Some(field) = fields.values_mut().nth(at) {
                    self.change_within(field, random);
                }
            }
            Value::Array(list) if deeper && !list.is_empty() => {
                let at = pick(list.iter(), random);
                self.change_within(&mut list[at], random);
            }
            Value::String(text) if deeper => self.change_text(text, random),
            Value::Object(fields) if random.bool() => self.change_fields(fields, random),
            Value::Array(list) if random.bool() => self.change_list(list, random),
            value => *value = self.another(random),
        }
    }

    fn change_text(&self, text: &mut String, random: &mut Rng) {
        if let Some(mut inside) = as_json(text) {
            self.change_within(&mut inside, random);
            *text = inside.to_string();
        } else if let Some(inside) = as_base64(text) {
            *text = STANDARD.encode(self.change(inside, random));
        } else {
            let at = random.usize(..=text.chars().count());
            let (before, after): (String, String) = (text.chars().take(at).collect(), text.chars().skip(at).collect());
            *text = match random.u8(..6) {
                0 => before,
                1 => format!("{before}{}{after}", random.char(..)),
                2 => format!("{before}{}", after.chars().skip(1).collect::<String>()),
                3 => text.repeat(random.usize(..MOST)),
                4 => String::new(),
                _ => self.another(random).as_str().map_or_else(|| self.another(random).to_string(), str::to_owned),
            };
        }
    }

    fn change_fields(&self, fields: &mut Map<String, Value>, random: &mut Rng) {
        let some = fields.keys().nth(random.usize(..=fields.len())).cloned();
        match (some, random.u8(..3)) {
            (Some(name), 0) => drop(fields.remove(&name)),
            (Some(name), 1) => {
                let value = fields.remove(&name).unwrap_or_default();
                fields.insert(format!("{name}{}", random.alphanumeric()), value);
            }
            (name, _) => {
                let name = name.unwrap_or_else(|| random.alphanumeric().to_string());
                fields.insert(name, self.another(random));
            }
        }
    }

    fn change_list(&self, list: &mut Vec<Value>, random: &mut Rng) {
        let at = random.usize(..=list.len());
        match (list.get(at).cloned(), random.u8(..4)) {
            (Some(_), 0) => drop(list.remove(at)),
            (Some(one), 1) => list.insert(random.usize(..=list.len()), one),
            (Some(one), 2) => list.extend(std::iter::repeat_n(one, random.usize(..MOST))),
            _ => list.insert(at, self.another(random)),
        }
    }

    /// A value out of the seeds, or one that programs trip over.
    fn another(&self, random: &mut Rng) -> Value {
        if random.bool() && !self.donors.is_empty() {
            return self.donors[random.usize(..self.donors.len())].clone();
        }
        match random.u8(..16) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(0),
            3 => json!(-1),
            4 => json!(1.5),
            5 => json!(i64::MAX),
            6 => json!(u64::MAX),
            7 => json!(f64::MAX),
            8 => json!(random.i64(..) >> random.u32(..64)),
            9 => json!(""),
            10 => json!("\u{0}\r\n"),
            11 => json!("가🦀"),
            12 => json!("a/b?c#d%2e "),
            13 => json!("x".repeat(random.usize(..MOST))),
            14 => json!({}),
            _ => json!([]),
        }
    }
}

/// All values in `value`, those inside of texts too.
pub(super) fn collect(value: &Value, found: &mut Vec<Value>) {
    found.push(value.clone());
    match value {
        Value::Object(fields) => fields.values().for_each(|field| collect(field, found)),
        Value::Array(list) => list.iter().for_each(|one| collect(one, found)),
        Value::String(text) => {
            let base64 = || serde_json::from_slice(&as_base64(text)?).ok();
            if let Some(inside) = as_json(text).or_else(base64) {
                collect(&inside, found);
            }
        }
        _ => {}
    }
}

/// One of several, the larger ones rather, where there is more to change.
fn pick<'a>(values: impl Iterator<Item = &'a Value> + Clone, random: &mut Rng) -> usize {
    let sizes: Vec<usize> = values.map(|value| value.to_string().len()).collect();
    if random.bool() {
        return random.usize(..sizes.len());
    }
    let mut left = random.usize(..sizes.iter().sum::<usize>());
    for (at, size) in sizes.iter().enumerate() {
        match left.checked_sub(*size) {
            Some(rest) => left = rest,
            None => return at,
        }
    }
    0
}

fn as_json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(|value: &Value| value.is_object() || value.is_array())
}

fn as_base64(text: &str) -> Option<Vec<u8>> {
    if text.len() < SHORTEST_BASE64 { None } else { STANDARD.decode(text).ok() }
}

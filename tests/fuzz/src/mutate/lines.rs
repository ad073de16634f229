//! Changes a text by its lines and words, as YAML has them.

use fastrand::Rng;

/// What a word may become.
const ODD: [&str; 16] = [
    "",
    "~",
    "-1",
    "0",
    "1e400",
    "18446744073709551616",
    "true",
    "{}",
    "[]",
    "*a",
    "&a",
    "<<: *a",
    "!Ref x",
    "!Sub ${",
    "- - -",
    "\u{feff}",
];

/// A text that differs in one place.
pub(super) fn change(text: &str, random: &mut Rng) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let at = random.usize(..lines.len());
    let other = random.usize(..lines.len());
    match random.u8(..6) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[other].clone()),
        2 => lines.swap(at, other),
        3 => lines[at].insert_str(0, "  "),
        4 => lines[at] = lines[at].strip_prefix("  ").unwrap_or_default().to_owned(),
        _ => {
            let word = lines[other].split_whitespace().last().unwrap_or_default().to_owned();
            let word = if random.bool() { word } else { ODD[random.usize(..ODD.len())].to_owned() };
            lines[at] = with_word(&lines[at], &word, random);
        }
    }
    lines.join("\n")
}

/// A line with one of its words exchanged.
fn with_word(line: &str, word: &str, random: &mut Rng) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    let mut words: Vec<&str> = line.split_whitespace().collect();
    if !words.is_empty() {
        let at = random.usize(..words.len());
        words[at] = word;
    }
    format!("{indent}{}", words.join(" "))
}

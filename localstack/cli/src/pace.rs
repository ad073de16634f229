//! How many a second: the value of `--rate`.

/// A number from 0.001 to `most` a second; a refusal names the `things`.
pub(crate) fn per_second(text: &str, things: &str, most: u32) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.001..=f64::from(most)).contains(rate));
    rate.ok_or_else(|| format!("needs a number of {things} a second, from 0.001 to {most}"))
}

//! Dead letters: records that can never succeed, with everything needed to understand and redo them.
//!
//! The table has three kinds of items: letters under the policy's name, the parts of long letters under `POLICY/parts`, and, for
//! policies that are sequenced, one item for each key that has letters under `POLICY/keys`.

mod letter;
#[cfg(feature = "lambda")]
mod letterbox;
mod original;
mod park;
mod sequence;

pub use letter::Letter;
#[cfg(feature = "lambda")]
pub use letterbox::{Letterbox, Removal};
pub(crate) use park::DeadLetters;

/// The framework's own table.
pub const TABLE: &str = "dead-letters";

/// What others wrote and nobody limited, cut to a length that every key and item can hold.
fn cut(text: &str) -> &str {
    const LONGEST: usize = 500;
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text)
}

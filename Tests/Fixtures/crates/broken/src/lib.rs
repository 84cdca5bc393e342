//! Compiles, with two warnings.

use std::collections::HashMap;

/// A length.
pub fn length(text: &str) -> usize {
    let unused = 3;
    text.len()
}

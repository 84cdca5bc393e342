//! Compiles; its tests pass, fail, are ignored and panic.

/// Adds, but not well.
///
/// ```
/// assert_eq!(failing::add(2, 2), 4);
/// ```
///
/// ```
/// assert_eq!(failing::add(3, 3), 6);
/// ```
pub fn add(left: u32, right: u32) -> u32 {
    left * right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_two_and_two() {
        assert_eq!(add(2, 2), 4);
    }

    #[test]
    fn adds_one_and_two() {
        println!("adding 1 and 2");
        eprintln!("and saying so");
        assert_eq!(add(1, 2), 3, "one and two are three");
    }

    #[test]
    #[ignore = "needs a bigger machine"]
    fn adds_everything() {
        unreachable!();
    }

    #[test]
    #[should_panic(expected = "overflow")]
    fn overflows() {
        add(u32::MAX, 2);
    }

    #[test]
    #[should_panic]
    fn panics_too_little() {
        add(1, 1);
    }

    #[test]
    #[should_panic(expected = "overflow")]
    fn panics_with_another_word() {
        panic!("underflow");
    }

    #[test]
    fn returns_an_error() -> Result<(), std::num::ParseIntError> {
        "three".parse::<u32>()?;
        Ok(())
    }
}

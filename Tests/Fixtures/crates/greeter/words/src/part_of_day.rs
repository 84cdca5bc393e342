/// The parts of a day that people greet differently at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartOfDay {
    /// Five to eleven o'clock.
    Morning,
    /// Eleven to eighteen o'clock.
    Day,
    /// The rest.
    Evening,
}

impl PartOfDay {
    /// The part that an hour of the clock belongs to; hours beyond a day are taken modulo 24.
    pub fn at(hour: u32) -> Self {
        match hour % 24 {
            5..=10 => PartOfDay::Morning,
            11..=17 => PartOfDay::Day,
            _ => PartOfDay::Evening,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_meet_at_their_limits() {
        assert_eq!(PartOfDay::at(4), PartOfDay::Evening);
        assert_eq!(PartOfDay::at(5), PartOfDay::Morning);
        assert_eq!(PartOfDay::at(11), PartOfDay::Day);
        assert_eq!(PartOfDay::at(18), PartOfDay::Evening);
    }

    #[test]
    fn the_clock_goes_round() {
        assert_eq!(PartOfDay::at(24 + 8), PartOfDay::at(8));
    }
}

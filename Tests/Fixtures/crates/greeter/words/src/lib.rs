//! The words of a greeting, in several languages.

mod language;
mod part_of_day;

pub use language::{Language, UnknownLanguage};
pub use part_of_day::PartOfDay;

/// What people say to each other at a part of the day.
///
/// ```
/// use greeter_words::{salutation, Language, PartOfDay};
///
/// assert_eq!(salutation(Language::German, PartOfDay::Evening), "Guten Abend");
/// ```
pub fn salutation(language: Language, part: PartOfDay) -> &'static str {
    use Language::*;
    use PartOfDay::*;
    match (language, part) {
        (English, Morning) => "Good morning",
        (English, Day) => "Hello",
        (English, Evening) => "Good evening",
        (French, Morning | Day) => "Bonjour",
        (French, Evening) => "Bonsoir",
        (German, Morning) => "Guten Morgen",
        (German, Day) => "Guten Tag",
        (German, Evening) => "Guten Abend",
    }
}

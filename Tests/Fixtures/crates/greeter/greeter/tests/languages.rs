//! Every language has a greeting for every part of the day.

use greeter::{Greeting, Language, PartOfDay};

#[test]
fn no_language_is_left_without_words() {
    for language in Language::ALL {
        for hour in 0..24 {
            let text = Greeting::new(language).at(PartOfDay::at(hour)).text();
            assert!(text.len() > 1, "{language:?} at {hour}");
        }
    }
}

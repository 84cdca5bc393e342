use crate::enumerate;
use greeter_words::{salutation, Language, PartOfDay};

/// A greeting that is put together step by step.
///
/// ```
/// use greeter::{Greeting, Language, PartOfDay};
///
/// let greeting = Greeting::new(Language::French)
///     .at(PartOfDay::Evening)
///     .to("Ada")
///     .to("Grace");
/// assert_eq!(greeting.text(), "Bonsoir, Ada et Grace!");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    language: Language,
    part: PartOfDay,
    people: Vec<String>,
}

impl Greeting {
    /// A greeting for nobody in particular, in the middle of the day.
    pub fn new(language: Language) -> Self {
        Greeting {
            language,
            part: PartOfDay::Day,
            people: Vec::new(),
        }
    }

    /// Sets the part of the day.
    pub fn at(mut self, part: PartOfDay) -> Self {
        self.part = part;
        self
    }

    /// Greets one person more.
    pub fn to(mut self, person: impl Into<String>) -> Self {
        self.people.push(person.into());
        self
    }

    /// The greeting as a sentence.
    pub fn text(&self) -> String {
        let salutation = salutation(self.language, self.part);
        let sentence = match self.people.as_slice() {
            [] => format!("{salutation}!"),
            people => format!("{salutation}, {}!", enumerate(people, self.language)),
        };
        if cfg!(feature = "loud") {
            sentence.to_uppercase()
        } else {
            sentence
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_greeted_too() {
        assert_eq!(Greeting::new(Language::German).text(), "Guten Tag!");
    }

    #[test]
    fn everybody_is_named() {
        let greeting = Greeting::new(Language::English)
            .at(PartOfDay::Morning)
            .to("Ada")
            .to("Grace")
            .to("Margaret");
        assert_eq!(greeting.text(), "Good morning, Ada, Grace and Margaret!");
    }
}

//! Greets people by name, in their language, at their time of day.

mod greeting;
mod people;

pub use greeter_words::{Language, PartOfDay, UnknownLanguage};
pub use greeting::Greeting;
pub use people::enumerate;

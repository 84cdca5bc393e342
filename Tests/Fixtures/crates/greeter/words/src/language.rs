use std::fmt;
use std::str::FromStr;

/// A language that greetings are known in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// en
    English,
    /// fr
    French,
    /// de
    German,
}

impl Language {
    /// All of them, in the order of their codes.
    pub const ALL: [Language; 3] = [Language::German, Language::English, Language::French];

    /// The code of ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::French => "fr",
            Language::German => "de",
        }
    }
}

/// A code that stands for no language known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLanguage(pub String);

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Language::ALL.map(Language::code).join(", ");
        write!(
            formatter,
            "no greeting is known in \"{}\"; try {known}",
            self.0
        )
    }
}

impl std::error::Error for UnknownLanguage {}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Language::ALL
            .into_iter()
            .find(|language| language.code() == code)
            .ok_or_else(|| UnknownLanguage(code.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
        }
    }

    #[test]
    fn an_unknown_code_is_named_with_those_that_exist() {
        let error = "tlh".parse::<Language>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "no greeting is known in \"tlh\"; try de, en, fr"
        );
    }
}

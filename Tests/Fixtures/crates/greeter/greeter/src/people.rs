use greeter_words::Language;

/// Names in a row, the last one after the language's "and".
pub fn enumerate(people: &[String], language: Language) -> String {
    let and = match language {
        Language::English => "and",
        Language::French => "et",
        Language::German => "und",
    };
    match people {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} {and} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_needs_no_and() {
        assert_eq!(enumerate(&["Ada".to_owned()], Language::German), "Ada");
    }

    #[test]
    fn two_people_need_no_comma() {
        let people = ["Ada", "Grace"].map(str::to_owned);
        assert_eq!(enumerate(&people, Language::German), "Ada und Grace");
    }
}

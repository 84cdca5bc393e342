//! Greets from the command line: `greet [LANGUAGE [NAME]...]`, with more names on standard input.

use greeter::{Greeting, Language, UnknownLanguage};
use std::io::{self, BufRead};
use std::process::ExitCode;

fn greet(mut arguments: impl Iterator<Item = String>) -> Result<String, UnknownLanguage> {
    let language: Language = arguments.next().as_deref().unwrap_or("en").parse()?;
    let from_input = io::stdin().lock().lines().map_while(Result::ok);
    let greeting = arguments
        .chain(from_input)
        .fold(Greeting::new(language), Greeting::to);
    Ok(greeting.text())
}

fn main() -> ExitCode {
    match greet(std::env::args().skip(1)) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot greet: {error}");
            ExitCode::from(2)
        }
    }
}

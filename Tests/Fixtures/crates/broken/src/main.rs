//! Does not compile: an unknown type with a similar one, and a wrong type.

fn main() {
    let name: Strng = "Ada".to_owned();
    let length: String = broken::length(&name);
    println!("{name}: {length}");
}

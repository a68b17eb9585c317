//! The adapters mirror one another: what is the same in both crates is the same to the letter, and so is an example.
//!
//! Neither crate can depend on the other, and core reads no clock and no environment, so what does is there twice; this is
//! what keeps the two from drifting apart.

/// Code that is made for either adapter has one error: this compiles, or they are two.
#[test]
fn the_errors_are_one() {
    let error: valetkey_async::Error = valetkey_blocking::Error::Randomness;
    let _: valetkey_core::host::Error = error;
}

#[test]
fn the_clock_the_randomness_and_the_environment_are_the_same_in_both_adapters() {
    assert_eq!(
        include_str!("../../../adapter-blocking/src/system.rs"),
        include_str!("../../../adapter-async/src/system.rs"),
    );
}

#[test]
fn who_is_logged_in_is_the_same_in_both_adapters() {
    assert_eq!(
        include_str!("../../../adapter-blocking/src/logged_in.rs"),
        include_str!("../../../adapter-async/src/logged_in.rs"),
    );
}

#[test]
fn what_is_traced_is_the_same_in_both_adapters() {
    assert_eq!(
        include_str!("../../../adapter-blocking/src/traced.rs"),
        include_str!("../../../adapter-async/src/traced.rs"),
    );
}

#[test]
fn the_hot_path_is_measured_alike_in_both_adapters() {
    assert_eq!(
        include_str!("../../../adapter-blocking/benches/hot_path/measure.rs"),
        include_str!("../../../adapter-async/benches/hot_path/measure.rs"),
    );
}

/// The first piece of code in a text, as a reader sees it.
fn example(text: &str) -> String {
    let lines =
        text.lines().map(|line| line.strip_prefix("//! ").or(line.strip_prefix("//!")).unwrap_or(line));
    let code = lines.skip_while(|line| !line.starts_with("```")).skip(1).take_while(|line| *line != "```");
    let code: Vec<&str> = code.filter(|line| !line.starts_with("# ")).collect();
    assert!(!code.is_empty());
    code.join("\n").replace("\n\n", "\n")
}

/// A README cannot be compiled where it is; the same code in the crate's documentation is.
#[test]
fn a_readme_has_the_example_that_is_compiled() {
    assert_eq!(
        example(include_str!("../../../adapter-blocking/README.md")),
        example(include_str!("../../../adapter-blocking/src/lib.rs")),
    );
    assert_eq!(
        example(include_str!("../../../adapter-async/README.md")),
        example(include_str!("../../../adapter-async/src/lib.rs")),
    );
    assert_eq!(
        example(include_str!("../../../middleware/README.md")),
        example(include_str!("../../../middleware/src/reqwest.rs")),
    );
}

/// A program moves from one adapter to the other by `.await`, and the `?` of an HTTP client that may fail to be made.
#[test]
fn the_examples_differ_by_await_alone() {
    let blocking = example(include_str!("../../../adapter-blocking/README.md"));
    let asynchronous = example(include_str!("../../../adapter-async/README.md"));
    let words = |text: &str| -> Vec<String> {
        let text = text
            .replace(".await", "")
            .replace("http_client()?", "http_client()")
            .replace("valetkey_async", "valetkey_blocking");
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    assert_eq!(words(&asynchronous), words(&blocking));
}

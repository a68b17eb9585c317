//! The collector finds a text by every way that one takes to an error, and leaves alone what is none; the reader sees each
//! fault.

use crate::collected::Sources;
use crate::read::faults;

fn found(source: &str) -> Vec<String> {
    let mut sources = Sources::default();
    sources.read("planted.rs", source);
    sources.texts().into_iter().map(|text| text.text).collect()
}

#[test]
fn a_text_is_found_by_every_way_to_an_error() {
    let ways = [
        ("in place", r#"fn f() -> E { misuse("a text here") }"#),
        ("by a closure", r#"fn f() -> E { let no = |what| misuse(what); no("a text here") }"#),
        ("in a closure", r#"fn f() { let no = || malformed(R, "a text here"); }"#),
        ("by a function", r#"fn no(what: &str) -> E { misuse(what) } fn f() -> E { no("a text here") }"#),
        (
            "by two functions",
            r#"fn a(w: &str) -> E { misuse(w) } fn b(w: &str) -> E { a(w) } fn f() -> E { b("a text here") }"#,
        ),
        (
            "by a method",
            r#"impl T { fn no(&self, r: R, w: &str) -> E { malformed(r, w) } } fn f() { t.no(R, "a text here"); }"#,
        ),
        ("by a binding", r#"fn f() -> E { let what = "a text here"; misuse(what) }"#),
        ("by a branch", r#"fn f() -> E { misuse(if x { "a text here" } else { w }) }"#),
        ("by a constant", r#"const WHAT: &str = "a text here"; fn f() -> E { misuse(WHAT) }"#),
        ("by a format", r#"fn f() -> E { misuse(format!("a text here")) }"#),
        ("by a name in a format", r#"fn f() -> E { let w = "a text here"; misuse(format!("{w}")) }"#),
        (
            "by what a function returns",
            r#"fn w() -> &'static str { "a text here" } fn f() -> E { misuse(w()) }"#,
        ),
        ("in a Display", r#"impl fmt::Display for T { fn fmt(&self) { write!(f, "a text here") } }"#),
        ("by an Err", r#"fn f() -> Result<(), &'static str> { Err("a text here") }"#),
        ("by a mapping", r#"fn f() { x.map_err(|_| "a text here"); }"#),
    ];
    for (way, source) in ways {
        assert_eq!(found(source), ["a text here"], "{way}");
    }
}

#[test]
fn what_is_no_errors_text_is_left_alone() {
    for source in [
        r#"fn f() { log("a text here"); }"#,
        r#"fn f() -> E { misuse(match x { "a text here" => y, _ => z }) }"#,
        r#"fn f() -> E { misuse("word") }"#,
        r#"/// a text here
           fn f() {}"#,
    ] {
        assert!(found(source).is_empty(), "{source}");
    }
}

#[test]
fn each_fault_of_a_text_is_seen() {
    for (text, fault) in [
        ("the token is no good", "has \"is no \""),
        ("the port is none", "has \"is none\""),
        ("whoever reads this", "has \"whoever\""),
        ("it is one or two or three", "strings alternatives together"),
        ("one   two", "has several spaces in a row"),
        ("the the token", "says \"the\" twice"),
        ("the token is old\n", "ends like a paragraph"),
        ("the token is old.", "ends like a paragraph"),
        ("is missing here", "does not say what it is about"),
    ] {
        assert_eq!(faults(text), [fault], "{text}");
    }
    assert!(faults("the token is old: log in again").is_empty());
}

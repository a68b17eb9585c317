//! The programs in the READMEs, compiled as doc tests, so that they cannot fall behind the code. Those of the adapters
//! are their crates' own examples, to the letter, which a test compares.

macro_rules! readmes {
    ($($name:ident = $path:literal;)+) => {
        $(#[doc = include_str!($path)] struct $name;)+
    };
}

readmes! {
    Top = "../../README.md";
    Core = "../../core/README.md";
    Axum = "../../axum/README.md";
}

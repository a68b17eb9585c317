//! The programs in the READMEs, compiled as doc tests, so that they cannot fall behind the code.

macro_rules! readmes {
    ($($name:ident = $path:literal;)+) => {
        $(#[doc = include_str!($path)] struct $name;)+
    };
}

readmes! {
    Top = "../../README.md";
    Core = "../../core/README.md";
    Blocking = "../../adapter-blocking/README.md";
    Async = "../../adapter-async/README.md";
}

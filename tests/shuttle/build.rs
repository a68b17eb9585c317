//! Compiles core as its tests under shuttle want it.
#![expect(clippy::disallowed_macros, reason = "a build script talks to Cargo by what it prints")]

fn main() {
    println!("cargo::rustc-cfg=shuttle");
    println!("cargo::rerun-if-changed=build.rs");
}
